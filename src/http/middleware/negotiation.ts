import type { MiddlewareHandler } from "hono";
import { parseAccept } from "hono/utils/accept";

import type { AppEnv } from "../context.ts";
import { problemResponse } from "../problem.ts";

const JSON_TYPES = ["application/json", "application/problem+json", "application/*", "*/*"];

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
  // The most specific range that matches decides, whatever its place in the list.
  const exact = ranges.find(({ type }) => type === "application/json");
  if (exact !== undefined) return exact.q > 0;
  return ranges.some(({ type, q }) => q > 0 && JSON_TYPES.includes(type));
}
