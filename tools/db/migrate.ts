import { setTimeout as delay } from "node:timers/promises";

import pg from "pg";

import { applyMigration, inTransaction } from "./apply-migration.ts";
import { runDatabaseCommand } from "./cli.ts";
import { assertDirectConnection, describeDatabase } from "./database-url.ts";
import { type Migration, MIGRATIONS_FOLDER, readMigrations } from "./migration-files.ts";
import { planMigrations, readLedger } from "./migration-ledger.ts";

const ADVISORY_LOCK_KEY = 7_021_900_415; // Any number, the same in every release.
const ADVISORY_POLL_MS = 200;
const CONNECT_TIMEOUT_MS = 15_000; // A suspended Neon compute takes a few seconds to wake up.

export interface MigrateOptions {
  /** A direct connection to the server, never a pooler. */
  readonly postgresUrl: string;
  readonly log: (line: string) => void;
  /**
   * How long a statement may wait for a lock; 2 s when absent. Every query that comes later waits behind it, so it must be
   * well below a request's deadline (5 s).
   */
  readonly lockTimeoutMs?: number;
  /** How often a migration is tried whose lock was not free, with pauses that double; 5 when absent, 40 s together. */
  readonly lockAttempts?: number;
  /** How long one statement may run; 60 s when absent. Files without transaction have no limit: they block nobody. */
  readonly statementTimeoutMs?: number;
  /** How long to wait for another run to finish; 60 s when absent. */
  readonly concurrentRunTimeoutMs?: number;
  /** A folder as drizzle-kit writes it; the repository's own when absent. */
  readonly folder?: string;
  /** The only migrations that may be applied, as somebody has read and judged them; all when absent. */
  readonly judged?: readonly Pick<Migration, "name" | "hash">[];
}

export interface MigrateResult {
  /** Names of the migrations applied by this run, in order. */
  readonly applied: string[];
  /** The newest migration in the database, possibly of a newer release; null when there is none. */
  readonly current: string | null;
}

/**
 * Applies the pending migrations, one run at a time per database, each in a transaction with its ledger row. Throws, with
 * earlier migrations kept, when one fails, when an applied file has changed, when one is pending that was not judged, or
 * when the lock is not free in time.
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  assertDirectConnection(options.postgresUrl);
  const migrations = await readMigrations(options.folder ?? MIGRATIONS_FOLDER);
  const client = new pg.Client({ connectionString: options.postgresUrl, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on("error", () => undefined); // The statement that was running reports it.
  await client.connect();
  try {
    await takeAdvisoryLock(client, options.concurrentRunTimeoutMs ?? 60_000);
    return await applyPending(client, migrations, options);
  } finally {
    await client.end(); // Also frees the advisory lock.
  }
}

async function applyPending(
  client: pg.Client,
  migrations: readonly Migration[],
  options: MigrateOptions,
): Promise<MigrateResult> {
  const { log, lockTimeoutMs = 2_000, lockAttempts = 5, statementTimeoutMs = 60_000 } = options;
  const limits = { lockTimeoutMs, lockAttempts, statementTimeoutMs };
  const ledger = await inTransaction(client, limits, () => readLedger(client));
  const { pending, unknown } = planMigrations(migrations, ledger);
  if (options.judged !== undefined) assertJudged(pending, options.judged);
  if (unknown.length > 0) log(`notice: applied by a newer release: ${unknown.join(", ")}`);
  for (const migration of pending) {
    const start = performance.now();
    await applyMigration(client, migration, { limits, log });
    log(`applied ${migration.name} in ${Math.round(performance.now() - start)} ms`);
  }
  const names = [...ledger.keys(), ...pending.map(({ name }) => name)].sort();
  const current = names.at(-1) ?? null;
  if (pending.length === 0)
    log(`nothing to do: ${describeDatabase(options.postgresUrl)} is at ${current ?? "no migration"}`);
  return { applied: pending.map(({ name }) => name), current };
}

/** None of them is applied then: those that were judged may depend on the others. */
function assertJudged(pending: readonly Migration[], judged: NonNullable<MigrateOptions["judged"]>): void {
  const others = pending.filter(({ name, hash }) => !judged.some((one) => one.name === name && one.hash === hash));
  if (others.length === 0) return;
  throw new Error(
    `added or changed after the pending migrations were judged: ${others.map(({ name }) => name).join(", ")}. Nothing was applied`,
  );
}

// Polls: a session that waits inside pg_advisory_lock holds a snapshot, and CREATE INDEX CONCURRENTLY in the session
// that has the lock would wait for that snapshot for ever.
async function takeAdvisoryLock(client: pg.Client, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>("SELECT pg_try_advisory_lock($1) AS taken", [
      ADVISORY_LOCK_KEY,
    ]);
    if (rows[0]?.taken === true) return;
    if (performance.now() >= deadline) {
      throw new Error(
        `another migration run has held the lock for ${timeoutMs} ms; wait until it has ended, and run again`,
      );
    }
    await delay(ADVISORY_POLL_MS);
  }
}

const USAGE = `Applies pending SQL migrations over a direct connection, one run at a time per database.

Each migration is applied as a whole or not at all. A lock that is not free within 2 s is tried for five times in 40 s.

Usage: npm run db:migrate -- [--url URL]

  --url URL   the database; MIGRATION_DATABASE_URL, then DATABASE_URL, when absent
  --help      this text

Exit codes: 0 done or nothing to do, 1 failed, 2 called wrongly.`;

if (import.meta.main) {
  await runDatabaseCommand({
    usage: USAGE,
    run: async (postgresUrl) => await migrate({ postgresUrl, log: console.log }),
  });
}
