/* How texts look, for the description of the API; what decides about them stands elsewhere. */

/**
 * The rule for names as far as it goes without `\p{L}`, which many readers of schemas do not know (those without
 * JavaScript's Unicode mode, or in other languages): its characters of ASCII, and one that is no separator, digit or filler.
 */
export const FULL_NAME_CHARACTERS = String.raw`^[^\x00-\x1F!-&(-+/:-@\x5B-\x60{-\x7F]*[^\x00-@\x5B-\x60{-\x7F\u00B7\u115F\u1160\u2019\u2027\u30FB\u3164\uFF65\uFFA0][^\x00-\x1F!-&(-+/:-@\x5B-\x60{-\x7F]*$`;

export const CURSOR_TEXT = { minLength: 1, maxLength: 256, pattern: "^[A-Za-z0-9_-]+$" };
