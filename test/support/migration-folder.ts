import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes a folder as drizzle-kit does: SQL by the migrations' names, in their order, and the journal. */
export function writeMigrations(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(folder, "meta"), { recursive: true });
  const entries = Object.keys(files).map((tag, idx) => ({ idx, version: "7", when: idx, tag, breakpoints: true }));
  const journal = { version: "7", dialect: "postgresql", entries };
  writeFileSync(join(folder, "meta", "_journal.json"), JSON.stringify(journal));
  for (const [tag, sql] of Object.entries(files)) writeFileSync(join(folder, `${tag}.sql`), sql);
}
