/** A name of an object's member, or a place in a list. */
type Step = string | number;

/**
 * Finds the members that an object has twice by reading JSON (RFC 8259) as its grammar is written, one production after the
 * other: slow, and easy to compare with the grammar. The text must be JSON.
 */
export function findRepeatedSlowly(text: string): Step[][] {
  const repeated: Step[][] = [];
  let at = 0;

  const skipBlanks = (): void => {
    while (" \t\r\n".includes(text[at] ?? "x")) at += 1;
  };
  const take = (expected: string): void => {
    skipBlanks();
    if (text[at] !== expected) throw new SyntaxError(`no ${expected} at ${at}`);
    at += 1;
    skipBlanks();
  };
  const readText = (): string => {
    const start = at;
    at += 1;
    while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
    at += 1;
    return String(JSON.parse(text.slice(start, at)));
  };
  const readMembers = (path: readonly Step[]): void => {
    const names: string[] = [];
    take("{");
    while (text[at] !== "}") {
      if (names.length > 0) take(",");
      const name = readText();
      if (names.includes(name)) repeated.push([...path, name]);
      names.push(name);
      take(":");
      readValue([...path, name]);
    }
    take("}");
  };
  const readItems = (path: readonly Step[]): void => {
    take("[");
    for (let place = 0; text[at] !== "]"; place++) {
      if (place > 0) take(",");
      readValue([...path, place]);
    }
    take("]");
  };
  const readValue = (path: readonly Step[]): void => {
    skipBlanks();
    if (text[at] === "{") readMembers(path);
    else if (text[at] === "[") readItems(path);
    else if (text[at] === '"') readText();
    else while (/[\w.+-]/.test(text[at] ?? "")) at += 1;
    skipBlanks();
  };

  readValue([]);
  if (at !== text.length) throw new SyntaxError(`more behind ${at}`);
  return repeated;
}
