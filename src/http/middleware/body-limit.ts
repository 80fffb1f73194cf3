import type { MiddlewareHandler } from "hono";

import type { Deadline } from "../../resilience/deadline.ts";
import type { AppEnv } from "../context.ts";
import { problemResponse } from "../problem.ts";

/** Far more than the largest valid user needs. */
export const MAX_BODY_BYTES = 64 * 1024;

/** Reads the body up to the limit and within the deadline, so that parsing never meets a large or endless one. */
export function bodyLimit({ maxBytes = MAX_BODY_BYTES } = {}): MiddlewareHandler<AppEnv> {
  return async function bodyLimit(c, next) {
    if (Number(c.req.header("Content-Length") ?? 0) > maxBytes) return problemResponse(c, "payload-too-large");
    const body = c.req.raw.body;
    const bytes = body === null ? new Uint8Array() : await readWithin(body, maxBytes, c.get("deadline"));
    if (bytes === null) return problemResponse(c, "payload-too-large");
    c.req.raw = new Request(c.req.raw, { body: bytes });
    await next();
  };
}

/** The whole body, or null as soon as it proves larger than the limit. */
async function readWithin(body: ReadableStream<Uint8Array>, maxBytes: number, deadline: Deadline): Promise<Uint8Array | null> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await deadline.race(reader.read());
      if (done) return concatenate(chunks, size);
      size += value.byteLength;
      if (size > maxBytes) return null;
      chunks.push(value);
    }
  } finally {
    // What is left of a refused body is not wanted; a finished one has nothing to cancel.
    reader.cancel().catch(() => {});
  }
}

function concatenate(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
