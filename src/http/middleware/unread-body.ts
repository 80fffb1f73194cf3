import type { MiddlewareHandler } from "hono";

import type { Deadline } from "../../resilience/deadline.ts";
import type { AppEnv } from "../context.ts";

/** Beyond either, losing the connection costs less than reading on. A read gives up to 64 KiB. */
const MAX_READS = 8_192;
const MAX_READING_MS = 1_000;

/**
 * Reads what is left of a refused request's body and throws it away. workerd closes a connection whose upload was
 * not read, and the next request that a proxy sends along it would fail.
 */
export function discardUnreadBody(): MiddlewareHandler<AppEnv> {
  return async function discardUnreadBody(c, next) {
    const { body } = c.req.raw;
    await next();
    if (body !== null && !body.locked) await discard(body, c.get("deadline").within(MAX_READING_MS));
  };
}

async function discard(body: ReadableStream<Uint8Array>, deadline: Deadline): Promise<void> {
  const reader = body.getReader();
  try {
    for (let reads = 0; reads < MAX_READS; reads++) {
      const { done } = await deadline.race(reader.read());
      if (done) return;
    }
  } catch {
    // The client went away or is too slow; its answer is already made.
  } finally {
    reader.releaseLock();
  }
}
