/** Far more than an event with an error and its causes has, far less than would flood a log. In characters, all of them ASCII. */
export const MAX_LINE_LENGTH = 8_192;

/** What a field may have left of it in a line that would be too long. */
const MAX_SHORTENED_TEXT = 200;
const MAX_SHORTENED_LIST = 10;

/**
 * One line of JSON from its first members, without the closing brace, and the event's own fields. All that is not visible ASCII
 * is escaped: nothing in a value can end the line, colour a terminal or turn its text around. A line that would be longer than
 * `MAX_LINE_LENGTH` has its fields cut, and says so in `truncated`.
 */
export function formatLine(head: string, fields: object): string {
  const line = toAscii(`${head}${jsonMembers(fields)}}`);
  if (line.length <= MAX_LINE_LENGTH) return line;
  const cut = toAscii(`${head}${jsonMembers({ ...fields, truncated: true }, shorten)}}`);
  return cut.length <= MAX_LINE_LENGTH ? cut : toAscii(`${head},"truncated":true}`);
}

/** The members of a JSON object, each after a comma. */
export function jsonMembers(fields: object, replacer?: (key: string, value: unknown) => unknown): string {
  const json = JSON.stringify(fields, replacer);
  return json === "{}" ? "" : `,${json.slice(1, -1)}`;
}

function shorten(_key: string, value: unknown): unknown {
  if (typeof value === "string") return value.slice(0, MAX_SHORTENED_TEXT);
  return Array.isArray(value) ? value.slice(0, MAX_SHORTENED_LIST) : value;
}

/** JSON has escaped the control characters below the space, and everything else beyond ASCII stands within strings. */
function toAscii(json: string): string {
  if (!BEYOND_ASCII.test(json)) return json;
  return json.replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const BEYOND_ASCII = /[\u007f-\uffff]/;
