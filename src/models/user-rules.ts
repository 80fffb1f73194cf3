import type { FieldIssue } from "./errors.ts";

/** Limits in characters (Unicode code points); the database repeats them as CHECK constraints. */
export const USERNAME = { minLength: 3, maxLength: 50, pattern: /^[A-Za-z0-9]+$/ } as const;

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const TOP_LABEL = "[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
/* The same with everything beyond ASCII; what of it a domain may hold is known to the runtime. */
const WIDE = String.raw`[^\x00-/:-@\x5B-\x60{-\x7F]`;
const WIDE_TAIL = String.raw`(?:[^\x00-,./:-@\x5B-\x60{-\x7F]{0,61}${WIDE})?`;
const WIDE_TOP = String.raw`[^\x00-@\x5B-\x60{-\x7F]`;

/** The Mailbox of RFC 5321 section 4.1.2 without quoted local parts, address literals and dotless domains. */
export const EMAIL = {
  maxLength: 100,
  /** RFC 5321 section 4.5.3.1.1. */
  maxLocalPartLength: 64,
  /** As it is stored. */
  pattern: new RegExp(`^${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)+${TOP_LABEL}$`),
  /** As it may be given: also with an internationalised domain. */
  givenPattern: new RegExp(`^${ATOM}(?:\\.${ATOM})*@(?:${WIDE}${WIDE_TAIL}\\.)+${WIDE_TOP}${WIDE_TAIL}$`),
} as const;

/**
 * U+00B7 stands within Catalan and between Chinese names, U+30FB between foreign names in Japanese, U+FF65 is its
 * half-width form (for half-width letters are letters, too), and U+2027 is what Taiwan's Big5 has in that place.
 */
const MIDDLE_DOTS = "\u00B7\u2027\u30FB\uFF65";
const NAME_CHARACTER = String.raw`[\p{L}\p{M}\p{Nd} .,'’${MIDDLE_DOTS}-]`;
/** Letters that nobody sees are the fillers of Hangul, and two blanks among the hieroglyphs, which do take up room. */
const VISIBLE_LETTER = String.raw`(?![\p{Default_Ignorable_Code_Point}\u{13441}\u{13442}])\p{L}`;

/** Names that people bear, in any script. `tools/db/unicode-name-class.ts` makes the database's rule of the classes. */
export const FULL_NAME = {
  minLength: 1,
  maxLength: 100,
  character: NAME_CHARACTER,
  visibleLetter: VISIBLE_LETTER,
  pattern: new RegExp(`^(?=${NAME_CHARACTER}*?${VISIBLE_LETTER})${NAME_CHARACTER}+$`, "u"),
} as const;

export function normalizeUsername(raw: string): string {
  return raw.toLowerCase();
}

/** Composition makes one character of at most four, each of at most two units of UTF-16 (Unicode Standard Annex 15). */
const MAX_UNITS_PER_CHARACTER = 4 * 2;
const BEYOND_ASCII = /[\u0080-\uFFFF]/;
/** What domains drop without a word, but for the two joiners, which some scripts cannot be written without. */
const DROPPED = /(?![\u200C\u200D])\p{Default_Ignorable_Code_Point}/u;

/** In lower case, with an internationalised domain as its A-labels (RFC 5890), which every mail server can reach. */
export function normalizeEmail(raw: string): string {
  if (!BEYOND_ASCII.test(raw)) return raw.toLowerCase();
  // Lower case makes the letter k of the Kelvin sign: what is no address must not become one.
  const isLikely = raw.length <= EMAIL.maxLength * MAX_UNITS_PER_CHARACTER && EMAIL.givenPattern.test(raw);
  if (!isLikely || DROPPED.test(raw)) return raw;
  const [localPart = "", domain = ""] = raw.split("@");
  const asciiDomain = toAsciiDomain(domain);
  return asciiDomain === null ? raw : `${localPart.toLowerCase()}@${asciiDomain}`;
}

/** By Unicode Technical Standard 46, as browsers do; null for what is no domain. */
function toAsciiDomain(domain: string): string | null {
  try {
    return new URL(`http://${domain}`).hostname;
  } catch {
    return null;
  }
}

/** A name that no normalisation makes short enough is only trimmed: the rules refuse it all the same, at a fraction of the cost. */
export function normalizeFullName(raw: string): string {
  const trimmed = raw.trim();
  return trimmed.length > FULL_NAME.maxLength * MAX_UNITS_PER_CHARACTER ? trimmed : trimmed.normalize("NFC");
}

export function checkUsername(username: string): FieldIssue | null {
  const field = "username";
  const lengthIssue = checkLength(field, username, USERNAME.minLength, USERNAME.maxLength);
  if (lengthIssue !== null) return lengthIssue;
  if (USERNAME.pattern.test(username)) return null;
  return { field, code: "invalid_format", detail: "Use only the letters A to Z and digits." };
}

/** Expects the normalised address. */
export function checkEmail(email: string): FieldIssue | null {
  const field = "email";
  const lengthIssue = checkLength(field, email, 1, EMAIL.maxLength);
  if (lengthIssue !== null) return lengthIssue;
  const isValid = email.indexOf("@") <= EMAIL.maxLocalPartLength && EMAIL.pattern.test(email);
  if (isValid) return null;
  const localPart = email.slice(0, Math.max(0, email.lastIndexOf("@")));
  const detail = BEYOND_ASCII.test(localPart)
    ? "Use only ASCII characters before the @; other letters can stand in the domain."
    : "Give an address like name@example.com.";
  return { field, code: "invalid_format", detail };
}

/** Expects the normalised name. */
export function checkFullName(fullName: string): FieldIssue | null {
  const field = "full_name";
  const lengthIssue = checkLength(field, fullName, FULL_NAME.minLength, FULL_NAME.maxLength);
  if (lengthIssue !== null) return lengthIssue;
  if (FULL_NAME.pattern.test(fullName)) return null;
  return {
    field,
    code: "invalid_format",
    detail:
      "Use letters, digits, spaces, hyphens, apostrophes, full stops, commas and middle dots, at least one visible letter.",
  };
}

function checkLength(field: string, text: string, min: number, max: number): FieldIssue | null {
  const length = text.length > 2 * max ? text.length / 2 : countCharacters(text);
  if (length < min)
    return { field, code: "too_short", detail: `Give at least ${min} character${min === 1 ? "" : "s"}.` };
  if (length > max) return { field, code: "too_long", detail: `Give at most ${max} characters.` };
  return null;
}

/** Unicode code points, of which each is one unit of UTF-16 or two. */
function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
