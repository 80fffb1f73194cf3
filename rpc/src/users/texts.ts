/*
 * Whatever a caller sends, the API is the one that judges it, after credentials and limits. What cannot stand in a URL or a header
 * is replaced by a text that can, and that the API refuses for the same field.
 */

/** In a path: URLs drop these even when they are percent-encoded, and the request would mean another resource. */
export function toSegment(value: string): string {
  return value === "" || value === "." || value === ".." ? NO_SEGMENT : value.toWellFormed();
}

/** Neither an id nor a username. */
const NO_SEGMENT = "~";

const HEADER_TEXT = /^[\x20-\x7e]*$/;

/** As `If-Match`; an empty one asks for nothing. */
export function ifMatch(etag: string): { readonly "If-Match"?: string } {
  if (etag === "") return {};
  return { "If-Match": HEADER_TEXT.test(etag) ? etag : NO_ETAG };
}

/** Not in quotes. */
const NO_ETAG = "malformed";

/** As `Idempotency-Key`, a structured-field string (RFC 9651 section 3.3.3); an empty one asks for nothing. */
export function idempotencyKey(key: string): { readonly "Idempotency-Key"?: string } {
  if (key === "") return {};
  return { "Idempotency-Key": HEADER_TEXT.test(key) ? `"${key.replaceAll(/["\\]/g, String.raw`\$&`)}"` : NO_KEY };
}

/** An empty string. */
const NO_KEY = '""';
