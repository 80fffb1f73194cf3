import { AppError } from "../../models/errors.ts";
import type { Deadline } from "../../resilience/deadline.ts";
import type { Guard } from "../context.ts";
import { problemResponse } from "../problem.ts";
import { giveUpBody } from "./give-up-body.ts";

/** Far more than the largest valid user needs. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Reads the body up to 64 KiB and within the deadline, so that parsing never meets a large or endless one. Runs after
 * the media type was judged.
 */
export function jsonBody(): Guard {
  return async function jsonBody(c) {
    const announced = c.env.headers.get("Content-Length");
    if (Number(announced ?? 0) > MAX_BODY_BYTES) return problemResponse(c, "payload-too-large");
    const { body } = c.req.raw;
    const reading = body === null ? "" : await readWithin(body, Number(announced ?? Number.NaN), c.env.deadline);
    if (reading === TOO_LARGE) return problemResponse(c, "payload-too-large");
    if (reading === BROKEN) return problemResponse(c, "malformed-body");
    c.env.body = reading;
    return null;
  };
}

const TOO_LARGE = Symbol("larger than the limit");
const BROKEN = Symbol("broken off by the client");

/** The whole body, or why there is none. The end of one that is as long as announced is not waited for. */
async function readWithin(
  body: ReadableStream<Uint8Array>,
  announced: number,
  deadline: Deadline,
): Promise<string | typeof TOO_LARGE | typeof BROKEN> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = "";
  let size = 0;
  try {
    while (size === 0 || size !== announced) {
      const { done, value } = await deadline.race(reader.read());
      if (done) break;
      size += value.byteLength;
      if (size > MAX_BODY_BYTES) {
        reader.releaseLock();
        return TOO_LARGE;
      }
      text += decoder.decode(value, { stream: true });
    }
    reader.releaseLock();
    return text + decoder.decode();
  } catch (error) {
    giveUpBody(reader);
    if (error instanceof AppError) throw error;
    return BROKEN;
  }
}
