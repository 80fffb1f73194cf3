import { readFileSync, writeFileSync } from "node:fs";

const PAGE = new URL("../../../../docs/releases.md", import.meta.url);
const PICTURE = new URL("../../../../docs/judge.svg", import.meta.url);
const BLOCK = /(<!-- judge:([a-z]+) -->\n)[\s\S]*?(<!-- \/judge -->)/g;

export interface Documents {
  readonly page: string;
  readonly picture: string;
}

export function readDocuments(): Documents {
  return { page: readFileSync(PAGE, "utf8"), picture: readFileSync(PICTURE, "utf8") };
}

export function writeDocuments({ page, picture }: Documents): void {
  writeFileSync(PAGE, page);
  writeFileSync(PICTURE, picture);
}

/**
 * The page with these tables in their places, all else as it was.
 * @throws Error when the page has no place for a table, or one for a table that there is not
 */
export function renderPage(page: string, tables: Readonly<Record<string, string>>): string {
  const missing = new Set(Object.keys(tables));
  const text = page.replaceAll(BLOCK, (_, opening: string, name: string, closing: string) => {
    if (!missing.delete(name))
      throw new Error(`docs/releases.md asks for a table "${name}" twice, or for one that there is not`);
    return `${opening}${tables[name]}\n${closing}`;
  });
  if (missing.size > 0) throw new Error(`docs/releases.md leaves out the tables ${[...missing].join(", ")}`);
  return text;
}
