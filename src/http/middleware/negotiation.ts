import { parseAccept } from "hono/utils/accept";

import type { Guard } from "../context.ts";
import { problemResponse } from "../problem.ts";

/** From the most specific to the least: the first that is given decides. */
const JSON_RANGES = ["application/json", "application/*", "*/*"];

/** Refuses requests that do not accept JSON (RFC 9110 section 12.5.1). */
export function negotiation(): Guard {
  return function negotiation(c) {
    const accept = c.env.headers.get("Accept");
    return accept === null || acceptsJson(accept) ? null : problemResponse(c, "not-acceptable");
  };
}

function acceptsJson(accept: string): boolean {
  if (accept === "*/*" || accept === "application/json" || accept.trim() === "") return true;
  const ranges = parseAccept(accept).map(({ type, q }) => ({ type: type.toLowerCase(), q }));
  for (const range of JSON_RANGES) {
    const given = ranges.find(({ type }) => type === range);
    if (given !== undefined) return given.q > 0;
  }
  return false;
}
