/** Bytes per call of the generator, which costs the same for one byte as for some thousand. */
const POOL_BYTES = 4_096;

let digits = "";
let used = 0;

/** Random bytes as lower-case hex digits, two for each; every byte is given out once. At most `POOL_BYTES` at a time. */
export function randomHex(bytes: number): string {
  if (used + 2 * bytes > digits.length) {
    digits = toHex(crypto.getRandomValues(new Uint8Array(POOL_BYTES)));
    used = 0;
  }
  return digits.slice(used, (used += 2 * bytes));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
