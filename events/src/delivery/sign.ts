export interface SignedParts {
  /** Id of the event: the same however often it is sent. */
  readonly id: string;
  readonly sentAt: Date;
  /** Each as `whsec_` and base64. */
  readonly secrets: readonly string[];
  readonly body: string;
}

/** Makes the headers by which a receiver knows who sent an event. */
export type SignEvent = (parts: SignedParts) => Promise<Readonly<Record<string, string>>>;

const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

/**
 * Signs by HMAC-SHA256 with the platform's own cryptography, as Standard Webhooks 1.0.0 has it, once with each secret. The library of the
 * standard verifies it in the tests; it is not used here because it would bring a second SHA-256.
 */
export const signEvent: SignEvent = async ({ id, sentAt, secrets, body }) => {
  const timestamp = String(Math.floor(sentAt.getTime() / 1_000));
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`).slice().buffer;
  const signatures = await Promise.all(secrets.map((secret) => hmac(secret, signed)));
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.map((signature) => `v1,${signature}`).join(" "),
  };
};

async function hmac(secret: string, signed: ArrayBuffer): Promise<string> {
  const bytes = Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (character) => character.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", bytes, HMAC, false, ["sign"]);
  const signature = await crypto.subtle.sign(HMAC, key, signed);
  return btoa(String.fromCharCode(...new Uint8Array(signature)));
}
