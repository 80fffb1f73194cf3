import type { MiddlewareHandler } from "hono";
import { parseAccept } from "hono/utils/accept";

import type { AppEnv } from "../context.ts";
import { problemResponse } from "../problem.ts";

/** From the most specific to the least: the first that is given decides. */
const JSON_RANGES = ["application/json", "application/*", "*/*"];

/** Refuses requests that do not accept JSON (RFC 9110 section 12.5.1). */
export function negotiation(): MiddlewareHandler<AppEnv> {
  return async function negotiation(c, next) {
    const accept = c.req.header("Accept");
    if (accept !== undefined && !acceptsJson(accept)) return problemResponse(c, "not-acceptable");
    await next();
  };
}

function acceptsJson(accept: string): boolean {
  if (accept.trim() === "" || accept === "*/*") return true;
  const ranges = parseAccept(accept).map(({ type, q }) => ({ type: type.toLowerCase(), q }));
  for (const range of JSON_RANGES) {
    const given = ranges.find(({ type }) => type === range);
    if (given !== undefined) return given.q > 0;
  }
  return false;
}
