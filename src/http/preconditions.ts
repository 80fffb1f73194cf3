import { InvalidRequestError } from "./problem.ts";

/** What `If-Match` or `If-None-Match` names: any state, or the listed ones (RFC 9110 section 8.8.3). */
export type EntityTags = "any" | readonly EntityTag[];

export interface EntityTag {
  readonly isWeak: boolean;
  /** With its quotes. */
  readonly opaque: string;
}

/** One element of the list, possibly empty, with what separates it from the next one. */
const ELEMENT = /[ \t]*(?:(W\/)?("[\x21\x23-\x7e\x80-\xff]*"))?[ \t]*(,|$)/y;

/** Far more than any client has reason to send; longer headers are not read. */
const MAX_LENGTH = 4_096;

/** Reads the header; null when it is absent, "malformed" when it is no list of entity tags. */
export function parseEntityTags(header: string | null): EntityTags | "malformed" | null {
  if (header === null) return null;
  if (/^[ \t]*\*[ \t]*$/.test(header)) return "any";
  if (header.length > MAX_LENGTH) return "malformed";
  const tags: EntityTag[] = [];
  for (let at = 0; ; at = ELEMENT.lastIndex) {
    ELEMENT.lastIndex = at;
    const [, weak, opaque, separator] = ELEMENT.exec(header) ?? [];
    if (separator === undefined) return "malformed";
    // An empty element of a list is ignored (RFC 9110 section 5.6.1.2).
    if (opaque !== undefined) tags.push({ isWeak: weak !== undefined, opaque });
    if (separator === "") return tags.length === 0 ? "malformed" : tags;
  }
}

/** For changes: a header that cannot be read must not let a change pass. */
export function requireEntityTags(name: string, header: string | null): EntityTags | null {
  const tags = parseEntityTags(header);
  if (tags !== "malformed") return tags;
  const detail = 'Give entity tags in double quotes, separated by commas, or "*" alone.';
  throw new InvalidRequestError([{ parameter: name, code: "invalid_format", detail }]);
}

/** Weak comparison, for `If-None-Match` (RFC 9110 section 8.8.3.2). A header that cannot be read matches nothing. */
export function matchesWeakly(header: string | null, entityTag: string): boolean {
  // What nearly every client sends: the one tag that it was given.
  if (header === entityTag) return true;
  const tags = parseEntityTags(header);
  if (tags === null || tags === "malformed") return false;
  return tags === "any" || tags.some(({ opaque }) => opaque === entityTag);
}
