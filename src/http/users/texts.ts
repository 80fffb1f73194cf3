/* How texts look, for the description of the API; what decides about them stands elsewhere. */

/**
 * The rule for names as far as ASCII goes: its characters, and one that is no separator. All of it takes `\p{L}`, which
 * many readers of schemas do not know: those without JavaScript's Unicode mode, or in other languages.
 */
export const FULL_NAME_CHARACTERS = String.raw`^[^\x00-\x1F!-&(-,./0-9:-@\x5B-\x60{-\x7F]*[^\x00-@\x5B-\x60{-\x7F’][^\x00-\x1F!-&(-,./0-9:-@\x5B-\x60{-\x7F]*$`;

export const CURSOR_TEXT = { minLength: 1, maxLength: 256, pattern: "^[A-Za-z0-9_-]+$" };

/** Anything that a header may hold: tags are compared, not read. */
export const ENTITY_TAGS_TEXT = {
  maxLength: 4_096,
  pattern: String.raw`^[\t\x20-\x7E\x80-\xFF]*$`,
  example: '"01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10.1"',
};
