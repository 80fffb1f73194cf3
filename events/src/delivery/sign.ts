import { Webhook } from "standardwebhooks";

export interface SignedParts {
  /** Id of the event: the same however often it is sent. */
  readonly id: string;
  readonly sentAt: Date;
  /** Each as `whsec_` and base64. */
  readonly secrets: readonly string[];
  readonly body: string;
}

/** The headers by which a receiver knows who sent it (Standard Webhooks); one signature for each secret. */
export function signatureHeaders({ id, sentAt, secrets, body }: SignedParts): Readonly<Record<string, string>> {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(sentAt.getTime() / 1_000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(id, sentAt, body)).join(" "),
  };
}
