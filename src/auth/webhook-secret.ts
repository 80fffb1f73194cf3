/** As many bits as the signature's hash has. */
const SECRET_BYTES = 32;

/** A new secret to sign webhooks with, as Standard Webhooks writes it: `whsec_` and random bytes in base64. */
export function createWebhookSecret(): string {
  return `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(SECRET_BYTES))))}`;
}
