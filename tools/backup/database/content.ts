import type { Client } from "pg";

import { readStructure, type Structure } from "./structure.ts";
import { readTableDigests, type TableDigest } from "./table-digests.ts";

/** A migration that a database has seen. */
export interface AppliedMigration {
  readonly name: string;
  readonly hash: string;
}

/** All that is compared between a database and what was restored from its dump. */
export interface DatabaseContent {
  readonly tables: readonly TableDigest[];
  readonly structure: Structure;
  /** In the order of their names; the last is the level. Empty for a database that was never migrated. */
  readonly migrations: readonly AppliedMigration[];
}

/** Reads it in the transaction that the client is in, or each part as of its own moment when it is in none. */
export async function readContent(client: Client): Promise<DatabaseContent> {
  return {
    tables: await readTableDigests(client),
    structure: await readStructure(client),
    migrations: await readMigrations(client),
  };
}

async function readMigrations(client: Client): Promise<readonly AppliedMigration[]> {
  const { rows } = await client.query<{ ledger: string | null }>(
    "SELECT to_regclass('public.schema_migrations')::text AS ledger",
  );
  if (!rows.some(({ ledger }) => ledger !== null)) return [];
  const ledger = await client.query<AppliedMigration>(
    `SELECT name, hash FROM public.schema_migrations ORDER BY name COLLATE "C"`,
  );
  return ledger.rows;
}
