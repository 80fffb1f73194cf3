import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's own migrations. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../migrations", import.meta.url));

const NO_TRANSACTION_MARKER = "-- migrate:no-transaction";
const STATEMENT_BREAKPOINT = "--> statement-breakpoint";

/** One reviewed SQL file. */
export interface Migration {
  readonly name: string;
  /** SHA-256 of the file, the same whatever line ends the checkout made. */
  readonly hash: string;
  readonly statements: readonly string[];
  /** False for a file whose first line is the no-transaction marker, as CREATE INDEX CONCURRENTLY needs. */
  readonly isTransactional: boolean;
}

/** Reads drizzle-kit's folder in the order of its journal; throws when the journal or a file it names cannot be read. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  return await Promise.all((await readJournal(folder)).map(async (name) => await readMigration(folder, name)));
}

/** Names of the migrations, in the order in which they are applied. */
export async function readJournal(folder: string): Promise<string[]> {
  return journalTags(JSON.parse(await readFile(join(folder, "meta", "_journal.json"), "utf8")));
}

/** SHA-256 of a file's text, in hexadecimal. */
export function hashMigration(text: string): string {
  return createHash("sha256").update(unixLines(text)).digest("hex");
}

function unixLines(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  const sql = unixLines(await readFile(join(folder, `${name}.sql`), "utf8"));
  return {
    name,
    hash: hashMigration(sql),
    statements: sql
      .split(STATEMENT_BREAKPOINT)
      .map((statement) => statement.trim())
      .filter((statement) => statement !== ""),
    isTransactional: sql.split("\n", 1)[0]?.trim() !== NO_TRANSACTION_MARKER,
  };
}

function journalTags(journal: unknown): string[] {
  if (typeof journal !== "object" || journal === null || !("entries" in journal) || !Array.isArray(journal.entries)) {
    throw new Error("meta/_journal.json has no list of entries");
  }
  return journal.entries.map((entry: unknown) => {
    if (typeof entry !== "object" || entry === null || !("tag" in entry) || typeof entry.tag !== "string") {
      throw new Error("an entry of meta/_journal.json has no tag");
    }
    return entry.tag;
  });
}
