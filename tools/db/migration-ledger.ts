import type { Client } from "pg";

import type { Migration } from "./migration-files.ts";

/** Name and hash of every migration that a database has seen. */
export type Ledger = ReadonlyMap<string, string>;

/** Creates the ledger table where it is missing; call it under the migration lock only. */
export async function readLedger(client: Client): Promise<Ledger> {
  await client.query(`CREATE TABLE IF NOT EXISTS public.schema_migrations (
    name text PRIMARY KEY,
    hash text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`);
  const { rows } = await client.query<{ name: string; hash: string }>(
    "SELECT name, hash FROM public.schema_migrations",
  );
  return new Map(rows.map(({ name, hash }) => [name, hash]));
}

export async function recordMigration(client: Client, { name, hash }: Migration): Promise<void> {
  await client.query("INSERT INTO public.schema_migrations (name, hash) VALUES ($1, $2)", [name, hash]);
}

export interface MigrationPlan {
  readonly pending: readonly Migration[];
  /** Applied by a newer release than this one: expected during a rollback. */
  readonly unknown: readonly string[];
}

/** Compares files with the ledger; throws when an applied file has changed, because no one can tell what the database has. */
export function planMigrations(migrations: readonly Migration[], ledger: Ledger): MigrationPlan {
  const changed = migrations.filter(({ name, hash }) => ledger.has(name) && ledger.get(name) !== hash);
  if (changed.length > 0) {
    const names = changed.map(({ name }) => name).join(", ");
    throw new Error(`changed after being applied: ${names}. Restore the file and put the change into a new migration`);
  }
  const known = new Set(migrations.map(({ name }) => name));
  return {
    pending: migrations.filter(({ name }) => !ledger.has(name)),
    unknown: [...ledger.keys()].filter((name) => !known.has(name)).sort(),
  };
}
