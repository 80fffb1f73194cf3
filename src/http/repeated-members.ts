/** Names of members, from the outermost in; places in a list are numbers. */
export type JsonPath = readonly (string | number)[];

/**
 * Whether a member may be named twice in a text, of which `value` was read. A cheap no for the usual body: in an object of
 * plain values every name and every text stands in two quotation marks, and a member that another one has replaced has left
 * some more behind. So has an escaped quotation mark, which is why a yes is only a maybe.
 */
export function mayRepeatMembers(text: string, value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return true;
  let quotes = 0;
  for (const member of Object.values(value)) {
    if (typeof member === "object" && member !== null) return true;
    quotes += typeof member === "string" ? 4 : 2;
  }
  return hasMoreQuotes(text, quotes);
}

function hasMoreQuotes(text: string, limit: number): boolean {
  let found = 0;
  for (let at = text.indexOf('"'); at !== -1 && found <= limit; at = text.indexOf('"', at + 1)) found += 1;
  return found > limit;
}

/**
 * The members that an object has already had, in a text that is JSON, whichever way their names are escaped; each as often as
 * it comes again, and no more than `limit`. RFC 8259 section 4 leaves open what they mean; `JSON.parse` keeps the last.
 */
export function findRepeatedMembers(text: string, limit: number): JsonPath[] {
  const repeated: JsonPath[] = [];
  const levels: Level[] = [];
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    const opened = open(token);
    if (opened !== null) levels.push(opened);
    else if (token === "}" || token === "]") levels.pop();
    else if (level !== undefined && goOn(level, token)) repeated.push(levels.map(({ at }) => at));
    if (repeated.length === limit) break;
  }
  return repeated;
}

/** What gives a JSON text its shape; numbers, words and colons are passed over. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]/g;

/** An object or a list that is open at some place of the text. */
interface Level {
  /** Those of an object so far. */
  readonly names: Set<string> | null;
  at: string | number;
  isNameNext: boolean;
}

function open(token: string): Level | null {
  if (token === "{") return { names: new Set(), at: "", isNameNext: true };
  return token === "[" ? { names: null, at: 0, isNameNext: false } : null;
}

/** Whether the token is a name that the object has already had. */
function goOn(level: Level, token: string): boolean {
  if (token !== ",") return level.isNameNext && isRepeated(level, token);
  if (typeof level.at === "number") level.at += 1;
  else level.isNameNext = true;
  return false;
}

function isRepeated(level: Level, token: string): boolean {
  const name = token.includes("\\") ? String(JSON.parse(token)) : token.slice(1, -1);
  const isKnown = level.names?.has(name) === true;
  level.names?.add(name);
  level.at = name;
  level.isNameNext = false;
  return isKnown;
}
