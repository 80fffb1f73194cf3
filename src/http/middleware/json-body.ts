import type { MiddlewareHandler } from "hono";

import { AppError } from "../../models/errors.ts";
import type { Deadline } from "../../resilience/deadline.ts";
import type { AppEnv } from "../context.ts";
import { problemResponse } from "../problem.ts";

/** Far more than the largest valid user needs. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Reads the body up to 64 KiB and within the deadline, so that parsing never meets a large or endless one, and hands
 * it on under the one spelling of its media type that the validator knows. Runs after the media type was judged.
 */
export function jsonBody(): MiddlewareHandler<AppEnv> {
  return async function jsonBody(c, next) {
    const { raw } = c.req;
    if (Number(raw.headers.get("Content-Length") ?? 0) > MAX_BODY_BYTES) return problemResponse(c, "payload-too-large");
    const body = raw.body === null ? new Uint8Array() : await readWithin(raw.body, c.get("deadline"));
    if (body === "too-large") return problemResponse(c, "payload-too-large");
    if (body === "broken") return problemResponse(c, "malformed-body");
    const headers = new Headers(raw.headers);
    headers.set("Content-Type", "application/json");
    c.req.raw = new Request(raw, { body, headers });
    await next();
  };
}

/** The whole body, or why there is none: larger than the limit, or broken off by the client. */
async function readWithin(
  body: ReadableStream<Uint8Array>,
  deadline: Deadline,
): Promise<Uint8Array | "too-large" | "broken"> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await deadline.race(reader.read());
      if (done) return concatenate(chunks, size);
      size += value.byteLength;
      if (size > MAX_BODY_BYTES) return "too-large";
      chunks.push(value);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    return "broken";
  } finally {
    reader.releaseLock();
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
