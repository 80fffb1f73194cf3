import type { Claim, ClaimMessage } from "../models/delivery.ts";

/** The platform's queue, as far as it is used. */
export interface ClaimQueue {
  send(body: ClaimMessage, options: { contentType: "json"; delaySeconds: number }): Promise<unknown>;
  sendBatch(messages: { body: ClaimMessage; contentType: "json" }[]): Promise<unknown>;
}

/** As many messages as the queue takes at once. */
const MAX_BATCH = 100;

export async function sendClaims(queue: ClaimQueue, claims: readonly Claim[]): Promise<void> {
  for (let start = 0; start < claims.length; start += MAX_BATCH) {
    const batch = claims.slice(start, start + MAX_BATCH);
    await queue.sendBatch(batch.map((claim) => ({ body: toMessage(claim), contentType: "json" })));
  }
}

/** The queue counts in whole seconds. */
export async function sendClaimLater(queue: ClaimQueue, claim: Claim, delayMs: number): Promise<void> {
  await queue.send(toMessage(claim), { contentType: "json", delaySeconds: Math.ceil(delayMs / 1_000) });
}

function toMessage({ endpointId, eventId, token }: Claim): ClaimMessage {
  return { endpoint_id: endpointId, event_id: eventId, token };
}

/** Null for what is no claim: another version may have put it there. */
export function readClaim(body: unknown): Claim | null {
  if (typeof body !== "object" || body === null) return null;
  const { endpoint_id: endpointId, event_id: eventId, token } = body as Readonly<Record<string, unknown>>;
  if (!isUuid(endpointId) || !isUuid(eventId) || !Number.isSafeInteger(token)) return null;
  return { endpointId, eventId, token: Number(token) };
}

function isUuid(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
}
