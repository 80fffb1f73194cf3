import type { FieldIssue } from "./errors.ts";

/** Limits in characters (Unicode code points); the database repeats them as CHECK constraints. */
export const USERNAME = { minLength: 3, maxLength: 50, pattern: /^[A-Za-z0-9]+$/ } as const;

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const TOP_LABEL = "[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

/** The Mailbox of RFC 5321 section 4.1.2 without quoted local parts, address literals and dotless domains. */
export const EMAIL = {
  maxLength: 100,
  /** RFC 5321 section 4.5.3.1.1. */
  maxLocalPartLength: 64,
  pattern: new RegExp(`^${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)+${TOP_LABEL}$`),
} as const;

/** Letters of any script with their combining marks, spaces, hyphens, straight and typographic apostrophes. */
export const FULL_NAME = {
  minLength: 1,
  maxLength: 100,
  pattern: /^[\p{L}\p{M} '’-]*\p{L}[\p{L}\p{M} '’-]*$/u,
} as const;

export function normalizeUsername(raw: string): string {
  return raw.toLowerCase();
}

export function normalizeEmail(raw: string): string {
  return raw.toLowerCase();
}

/** Composition makes one character of at most four, each of at most two units of UTF-16 (Unicode Standard Annex 15). */
const MAX_FULL_NAME_UNITS = FULL_NAME.maxLength * 4 * 2;

/** A name that no normalisation makes short enough is only trimmed: the rules refuse it all the same, at a fraction of the cost. */
export function normalizeFullName(raw: string): string {
  const trimmed = raw.trim();
  return trimmed.length > MAX_FULL_NAME_UNITS ? trimmed : trimmed.normalize("NFC");
}

export function checkUsername(username: string): FieldIssue | null {
  const field = "username";
  const lengthIssue = checkLength(field, username, USERNAME.minLength, USERNAME.maxLength);
  if (lengthIssue !== null) return lengthIssue;
  if (USERNAME.pattern.test(username)) return null;
  return { field, code: "invalid_format", detail: "Use only the letters A to Z and digits." };
}

export function checkEmail(email: string): FieldIssue | null {
  const field = "email";
  const lengthIssue = checkLength(field, email, 1, EMAIL.maxLength);
  if (lengthIssue !== null) return lengthIssue;
  const isValid = email.indexOf("@") <= EMAIL.maxLocalPartLength && EMAIL.pattern.test(email);
  return isValid ? null : { field, code: "invalid_format", detail: "Give an address like name@example.com." };
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
    detail: "Use letters, spaces, hyphens and apostrophes, at least one letter.",
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
