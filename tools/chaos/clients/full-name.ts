const LETTERS = "abcdefghij";

/** A text as a full name, which has no digits. */
export function spellName(text: string): string {
  return text.replace(/\d/g, (digit) => LETTERS.charAt(Number(digit)));
}
