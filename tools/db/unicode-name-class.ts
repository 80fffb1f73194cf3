import { FULL_NAME } from "../../src/models/user-rules.ts";

/**
 * Gives the body of a PostgreSQL bracket expression that holds every code point which a JavaScript pattern of one character
 * matches, as this engine knows Unicode: PostgreSQL's own classes depend on the server's locale, explicit ranges do not.
 */
export function unicodeRanges(pattern: string): string {
  const isMemberPattern = new RegExp(`^(?:${pattern})$`, "u");
  const ranges: string[] = [];
  let start: number | null = null;
  for (let code = 0; code <= LAST_CODE_POINT + 1; code++) {
    const isMember = code <= LAST_CODE_POINT && isMemberPattern.test(String.fromCodePoint(code));
    if (isMember) start ??= code;
    if (isMember || start === null) continue;
    ranges.push(start === code - 1 ? escapeCodePoint(start) : `${escapeCodePoint(start)}-${escapeCodePoint(code - 1)}`);
    start = null;
  }
  return ranges.join("");
}

const LAST_CODE_POINT = 0x10ffff;

function escapeCodePoint(code: number): string {
  const hex = code.toString(16).toUpperCase();
  return code > 0xffff ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
}

if (import.meta.main) {
  const { character, visibleLetter } = FULL_NAME;
  console.log(`visible letters: ${unicodeRanges(visibleLetter)}`);
  console.log(`others: ${unicodeRanges(`(?!${visibleLetter})${character}`)}`);
}
