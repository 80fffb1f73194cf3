export interface Column {
  readonly title: string;
  /** Texts are on the left and may be shortened; numbers are on the right and whole. */
  readonly align: "left" | "right";
}

const GAP = "  ";
const ELLIPSIS = "…";
/** A name that is shortened further tells nothing any more. */
const SHORTEST_NAME = 8;

/** Lines of a table, none wider than so many columns while its numbers leave room for names; titles first. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))];
  const natural = columns.map((_, index) => Math.max(...lines.map((line) => (line[index] ?? "").length)));
  const excess = natural.reduce((sum, length) => sum + length, 0) + GAP.length * (columns.length - 1) - width;
  const nameAt = columns.findIndex(({ align }) => align === "left");
  const widths = natural.map((length, index) =>
    index === nameAt && excess > 0 ? Math.max(SHORTEST_NAME, length - excess) : length,
  );
  return lines.map((line) =>
    line
      .map((cell, index) => fit(cell, widths[index] ?? 0, columns[index]?.align ?? "left"))
      .join(GAP)
      .trimEnd(),
  );
}

function fit(text: string, width: number, align: Column["align"]): string {
  const cut = shorten(text, width);
  const space = " ".repeat(width - cut.length);
  return align === "left" ? `${cut}${space}` : `${space}${cut}`;
}

/** Takes from the middle: what routes and versions differ by is at their ends. */
export function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  if (width <= 1) return ELLIPSIS.slice(0, Math.max(0, width));
  const head = Math.floor((width - 1) / 2);
  return `${text.slice(0, head)}${ELLIPSIS}${text.slice(text.length - (width - 1 - head))}`;
}

/** Puts parts beside each other, as many on a line as fit; a part alone that does not is shortened. */
export function wrap(parts: readonly string[], separator: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const longer = last === undefined ? part : `${last}${separator}${part}`;
    if (last !== undefined && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(shorten(part, width));
  }
  return lines;
}

/** What another program wrote, without anything that a terminal would obey, and a column for each character. */
export const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, "?");
