/* How texts look, for the description of the API; what decides about them stands elsewhere. */

/**
 * The rule for names as far as ASCII goes: its characters, and one that is no separator. All of it takes `\p{L}`, which
 * many readers of schemas do not know: those without JavaScript's Unicode mode, or in other languages.
 */
export const FULL_NAME_CHARACTERS = String.raw`^[^\x00-\x1F!-&(-,./0-9:-@\x5B-\x60{-\x7F]*[^\x00-@\x5B-\x60{-\x7F’][^\x00-\x1F!-&(-,./0-9:-@\x5B-\x60{-\x7F]*$`;

export const CURSOR_TEXT = { minLength: 1, maxLength: 256, pattern: "^[A-Za-z0-9_-]+$" };
