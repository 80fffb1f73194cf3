/** A column of a table; numbers stand to the right. */
export interface Column {
  readonly title: string;
  readonly isNumber: boolean;
}

export type Row = readonly string[];

/** A column of words. */
export function words(title: string): Column {
  return { title, isNumber: false };
}

/** A column of numbers. */
export function numbers(title: string): Column {
  return { title, isNumber: true };
}

/** For a terminal: columns by spaces. */
export function toText(columns: readonly Column[], rows: readonly Row[]): string {
  const widths = columns.map(({ title }, place) =>
    Math.max(title.length, ...rows.map((row) => (row[place] ?? "").length)),
  );
  const line = (row: Row): string =>
    columns
      .map(({ isNumber }, place) => {
        const cell = row[place] ?? "";
        return isNumber ? cell.padStart(widths[place] ?? 0) : cell.padEnd(widths[place] ?? 0);
      })
      .join("  ")
      .trimEnd();
  const head = line(columns.map(({ title }) => title));
  return [head, widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)].join("\n");
}

/** For a page. */
export function toMarkdown(columns: readonly Column[], rows: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.join(" | ")} |`;
  const rule = `|${columns.map(({ isNumber }) => (isNumber ? "--:" : "---")).join("|")}|`;
  return [line(columns.map(({ title }) => title)), rule, ...rows.map(line)].join("\n");
}
