/** Words of 32 bits per call of the generator, which costs the same for one as for some hundred. */
const POOL_WORDS = 1_024;
const DIGITS_PER_WORD = 8;

let digits = "";
let used = 0;

/** Random lower-case hex digits, at most 8,192 at a time; every one is given out once. */
export function randomHex(length: number): string {
  if (used + length > digits.length) {
    digits = Array.from(crypto.getRandomValues(new Uint32Array(POOL_WORDS)), toDigits).join("");
    used = 0;
  }
  return digits.slice(used, (used += length));
}

function toDigits(word: number): string {
  return word.toString(16).padStart(DIGITS_PER_WORD, "0");
}
