/** Bytes per call of the generator, which costs the same for one as for some thousand. */
const POOL_BYTES = 4_096;
const DIGITS = new TextEncoder().encode("0123456789abcdef");
const decoder = new TextDecoder();

let digits = "";
let used = 0;

/** Random lower-case hex digits, at most 8,192 at a time; every one is given out once. */
export function randomHex(length: number): string {
  if (used + length > digits.length) {
    digits = toHex(crypto.getRandomValues(new Uint8Array(POOL_BYTES)));
    used = 0;
  }
  return digits.slice(used, (used += length));
}

/** By way of character codes: a text put together of as many pieces would take a hundred times as long. */
function toHex(bytes: Uint8Array): string {
  const codes = new Uint8Array(2 * bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    codes[2 * at] = DIGITS[byte >> 4] ?? 0;
    codes[2 * at + 1] = DIGITS[byte & 15] ?? 0;
  }
  return decoder.decode(codes);
}
