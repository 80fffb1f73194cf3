import { parseAccept } from "hono/utils/accept";

import type { Guard } from "../context.ts";
import { problemResponse } from "../problem.ts";

export const JSON_ONLY = ["application/json"] as const;

/** Refuses requests that accept nothing of what is made (RFC 9110 section 12.5.1). */
export function negotiation(made: readonly string[]): Guard {
  return function negotiation(c) {
    const accept = c.env.headers.get("Accept");
    return chooseMediaType(accept, made) === null ? problemResponse(c, "not-acceptable") : null;
  };
}

/** Of what is made the type that is accepted most, and the first of those that are accepted alike; null for none. */
export function chooseMediaType(accept: string | null, made: readonly string[]): string | null {
  const [first = null] = made;
  if (accept === null || accept === "*/*" || accept === first || accept.trim() === "") return first;
  const ranges = parseAccept(accept).map(({ type, q }) => ({ type: type.toLowerCase(), q }));
  let [chosen, most]: [string | null, number] = [null, 0];
  for (const type of made) {
    const quality = qualityOf(type, ranges);
    if (quality > most) [chosen, most] = [type, quality];
  }
  return chosen;
}

interface Range {
  readonly type: string;
  readonly q: number;
}

/** From the most specific range to the least: the first that is given decides. */
function qualityOf(type: string, ranges: readonly Range[]): number {
  for (const range of [type, type.replace(/\/.*$/, "/*"), "*/*"]) {
    const given = ranges.find((each) => each.type === range);
    if (given !== undefined) return given.q;
  }
  return 0;
}
