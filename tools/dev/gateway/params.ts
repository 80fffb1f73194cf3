/** Turns a JSON parameter into the text PostgreSQL's input functions read, as Neon's proxy does; null stays null. */
export function toPostgresText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return toArrayLiteral(value);
  return JSON.stringify(value);
}

function toArrayLiteral(items: readonly unknown[]): string {
  return `{${items.map(toArrayItem).join(",")}}`;
}

function toArrayItem(item: unknown): string {
  if (item === null || item === undefined) return "NULL";
  if (Array.isArray(item)) return toArrayLiteral(item);
  if (typeof item === "object") return JSON.stringify(JSON.stringify(item));
  return JSON.stringify(item);
}
