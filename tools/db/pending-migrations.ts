import pg from "pg";

import { assertDirectConnection, describeDatabase } from "./database-url.ts";
import { MIGRATIONS_FOLDER, readMigrations } from "./migration-files.ts";
import { type Ledger, type MigrationPlan, planMigrations } from "./migration-ledger.ts";

const CONNECT_TIMEOUT_MS = 15_000; // A suspended Neon compute takes a few seconds to wake up.
const STATEMENT_TIMEOUT_MS = 10_000;

export interface PendingOptions {
  /** A direct connection to the server, never a pooler. */
  readonly postgresUrl: string;
  /** A folder as drizzle-kit writes it; the repository's own when absent. */
  readonly folder?: string;
}

/** What `migrate` would apply, read in a transaction that cannot write. Throws when an applied file has changed. */
export async function readPendingMigrations({ postgresUrl, folder }: PendingOptions): Promise<MigrationPlan> {
  assertDirectConnection(postgresUrl);
  const migrations = await readMigrations(folder ?? MIGRATIONS_FOLDER);
  const client = new pg.Client({
    connectionString: postgresUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  });
  client.on("error", () => undefined); // The statement that was running reports it.
  await connect(client, postgresUrl);
  try {
    // Not a setting of the session: behind some servers all clients share one.
    await client.query("BEGIN TRANSACTION READ ONLY");
    return planMigrations(migrations, await readLedger(client));
  } finally {
    await client.query("COMMIT").catch(() => undefined); // There is nothing to keep.
    await client.end();
  }
}

async function connect(client: pg.Client, postgresUrl: string): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
    const reasons = errors.map((one) => (one instanceof Error ? one.message : String(one)));
    throw new Error(
      `The database ${describeDatabase(postgresUrl)} cannot be reached; check MIGRATION_DATABASE_URL: ${reasons.join("; ")}.`,
      { cause: error },
    );
  }
}

/** Unlike the one of a migration run, it creates no table: a database without ledger has seen no migration. */
async function readLedger(client: pg.Client): Promise<Ledger> {
  const { rows: found } = await client.query<{ exists: boolean }>(
    "SELECT to_regclass('public.schema_migrations') IS NOT NULL AS exists",
  );
  if (found[0]?.exists !== true) return new Map();
  const { rows } = await client.query<{ name: string; hash: string }>(
    "SELECT name, hash FROM public.schema_migrations",
  );
  return new Map(rows.map(({ name, hash }) => [name, hash]));
}
