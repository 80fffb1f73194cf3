import type { RequestScope } from "../request-scope.ts";
import { giveUpBody } from "./give-up-body.ts";

/** Beyond either, losing the connection costs less than reading on. A read gives up to 64 KiB. */
const MAX_READS = 8_192;
const MAX_READING_MS = 1_000;

/** Whether the body was read, and how long that may go on. */
type BodyScope = Pick<RequestScope, "body" | "deadline">;

/**
 * Reads what is left of a refused request's body and throws it away; null when nothing is. workerd closes a connection
 * whose upload was not read, and the next request that a proxy sends along it would fail.
 */
export function discardUnreadBody(request: Request, scope: BodyScope): Promise<void> | null {
  if (scope.body !== null || request.body === null || request.body.locked) return null;
  return discard(request.body, scope);
}

async function discard(body: ReadableStream<Uint8Array>, scope: BodyScope): Promise<void> {
  const deadline = scope.deadline.within(MAX_READING_MS);
  const reader = body.getReader();
  try {
    for (let reads = 0; reads < MAX_READS; reads++) {
      const { done } = await deadline.race(reader.read());
      if (done) break;
    }
    reader.releaseLock();
  } catch {
    // The client went away or is too slow; its answer is already made.
    giveUpBody(reader);
  }
}
