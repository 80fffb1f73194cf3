const MAX_LENGTH = 255;

/**
 * Writes a key as the `Idempotency-Key` header has it: a string in double quotes (RFC 9651 section 3.3.3).
 * @throws TypeError when the key is empty, longer than 255 characters or has other characters than printable ASCII
 */
export function quoteIdempotencyKey(key: string): string {
  if (!/^[\u0020-\u007e]+$/.test(key)) throw new TypeError("an idempotency key is printable ASCII, and not empty");
  if (key.length > MAX_LENGTH) throw new TypeError(`an idempotency key has at most ${MAX_LENGTH} characters`);
  return `"${key.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
