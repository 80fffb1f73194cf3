/** Members that a list may have; one with more is invalid (section 3.3.1). */
const MAX_MEMBERS = 32;

/** What has to be passed on at least, and is at most (section 3.3.1.5). */
const MAX_LENGTH = 512;

/** Members that are longer go first where something has to (section 3.3.1.5). */
const LARGE_MEMBER_LENGTH = 128;

/** No valid list is longer: 32 members of the greatest length, each with a comma and a space. */
const MAX_HEADER_LENGTH = MAX_MEMBERS * (256 + 1 + 256 + 2);

/** Header fields may hold more (RFC 9110 section 5.5), but no valid list does. */
const VISIBLE_OR_BLANK = /^[\t\x20-\x7e]*$/;

/** `key=value` (section 3.3.1.3, with the keys of level 2, of which those of level 1 are a part); no comma, no `=` in the value. */
const MEMBER = /^([a-z0-9][a-z0-9_\-*/@]{0,255})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * A `tracestate` as it goes on (W3C Trace Context, https://www.w3.org/TR/trace-context/#tracestate-header): the members in
 * their order, unchanged, up to 512 characters; null when there is none or when anything in it is invalid. We add no member of
 * our own. Several headers of this name arrive as one, joined by commas.
 */
export function readTracestate(header: string | null): string | null {
  if (header === null || header.length > MAX_HEADER_LENGTH || !VISIBLE_OR_BLANK.test(header)) return null;
  const members = header.split(",").flatMap((part) => part.trim() || []);
  const keys = members.map((member) => MEMBER.exec(member)?.[1] ?? "");
  const isValid = members.length <= MAX_MEMBERS && !keys.includes("") && new Set(keys).size === keys.length;
  return isValid && members.length > 0 ? shorten(members) : null;
}

/** Whole members only: first the large ones go, from the end, then the last ones. Null when nothing is left. */
function shorten(members: readonly string[]): string | null {
  const kept = [...members];
  const length = (): number => kept.reduce((sum, member) => sum + member.length + 1, -1);
  while (length() > MAX_LENGTH) {
    const large = kept.findLastIndex((member) => member.length > LARGE_MEMBER_LENGTH);
    kept.splice(large, 1);
  }
  return kept.length === 0 ? null : kept.join(",");
}
