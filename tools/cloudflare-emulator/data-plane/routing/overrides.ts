/**
 * Dictionaries of RFC 9651 (structured fields), as far as version overrides need them: string members are read, members of
 * all other types are checked and left out.
 */
const KEY = String.raw`[a-z*][a-z0-9_\-.*]*`;
const STRING = String.raw`"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"`;
const BARE_ITEM = [
  STRING,
  String.raw`-?(?:\d{1,12}\.\d{1,3}|\d{1,15})`,
  String.raw`[A-Za-z*][!#$%&'*+\-.^_\x60|~:/0-9A-Za-z]*`,
  String.raw`:[A-Za-z0-9+/=]*:`,
  String.raw`\?[01]`,
  String.raw`@-?\d{1,15}`,
  String.raw`%"(?:[\x20\x21\x23\x24\x26-\x7e]|%[0-9a-f]{2})*"`,
].join("|");
const PARAMETERS = String.raw`(?:; *${KEY}(?:=(?:${BARE_ITEM}))?)*`;
const ITEM = `(?:${BARE_ITEM})${PARAMETERS}`;
const INNER_LIST = String.raw`\( *(?:${ITEM}(?: +${ITEM})*)? *\)${PARAMETERS}`;
const MEMBER = new RegExp(`(${KEY})(?:=(?:(${STRING})${PARAMETERS}|${ITEM}|${INNER_LIST})|${PARAMETERS})`, "y");
const SEPARATOR = /[ \t]*,[ \t]*/y;

/** The string members of a dictionary by key, the last one of a key counting; null when the header is malformed. */
export function parseStringMembers(header: string): ReadonlyMap<string, string> | null {
  const text = header.replaceAll(/^ +| +$/g, "");
  const members = new Map<string, string>();
  for (let position = 0; position < text.length;) {
    const member = matchAt(MEMBER, text, position);
    if (member === null) return null;
    const [all, key = "", quoted] = member;
    if (quoted === undefined) members.delete(key);
    else members.set(key, quoted.slice(1, -1).replaceAll(/\\(["\\])/g, "$1"));
    position += all.length;
    if (position === text.length) break;
    const separator = matchAt(SEPARATOR, text, position);
    position += separator?.[0].length ?? 0;
    if (separator === null || position === text.length) return null;
  }
  return members;
}

function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}
