import { readFileSync, writeFileSync } from "node:fs";

const FILE = new URL("../../../docs/scaling.md", import.meta.url);
const BLOCK = /(<!-- capacity:([a-z0-9-]+) -->\n)[\s\S]*?(<!-- \/capacity -->)/g;

/** The page and the model do not fit together; the message says where. */
export class ScalingPageError extends Error {
  override readonly name = "ScalingPageError";
}

/** The page as it is. */
export function readScalingPage(): string {
  return readFileSync(FILE, "utf8");
}

export function writeScalingPage(text: string): void {
  writeFileSync(FILE, text);
}

/**
 * The page with these tables in their blocks, all else as it was.
 * @throws ScalingPageError when the page asks for a table that does not exist, or leaves one out
 */
export function renderScalingPage(page: string, tables: Readonly<Record<string, string>>): string {
  const shown = new Set<string>();
  const text = page.replaceAll(BLOCK, (_, opening: string, name: string, closing: string) => {
    const table = tables[name];
    if (table === undefined)
      throw new ScalingPageError(`docs/scaling.md asks for a table "${name}" that the model does not have`);
    shown.add(name);
    return `${opening}${table}\n${closing}`;
  });
  const missing = Object.keys(tables).filter((name) => !shown.has(name));
  if (missing.length > 0) throw new ScalingPageError(`docs/scaling.md leaves out the tables ${missing.join(", ")}`);
  return text;
}
