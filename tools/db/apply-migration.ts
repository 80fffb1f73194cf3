import { setTimeout as delay } from "node:timers/promises";

import pg from "pg";

import type { Migration } from "./migration-files.ts";
import { recordMigration } from "./migration-ledger.ts";

export interface Limits {
  /** How long a statement may wait for a lock, and with it every query that stands in the queue behind it. */
  readonly lockTimeoutMs: number;
  /** How often a migration is tried whose lock was not free; at least once. */
  readonly lockAttempts: number;
  /** How long one statement may run. */
  readonly statementTimeoutMs: number;
}

/**
 * Applies one migration with its ledger row, or nothing of it. When a lock is not free, it steps out of the queue for a while and tries
 * again. @throws Error with the migration's name and what to do
 */
export async function applyMigration(
  client: pg.Client,
  migration: Migration,
  { limits, log }: { readonly limits: Limits; readonly log: (line: string) => void },
): Promise<void> {
  const { lockAttempts, lockTimeoutMs } = limits;
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (migration.isTransactional) await applyInTransaction(client, migration, limits);
      else await applyWithoutTransaction(client, migration);
      return;
    } catch (error) {
      if (!migration.isTransactional || !hasLostLock(error)) throw failed(migration, reasonOf(error), error);
      if (attempt >= lockAttempts) throw await lockNotFree(client, migration, limits, error);
      // Longer each time: whoever stood behind us goes first, and a transaction in the way may end meanwhile.
      const pauseMs = lockTimeoutMs * 2 ** (attempt - 1);
      log(
        `${migration.name}: ${reasonOf(error)}; nothing was changed. Attempt ${attempt + 1} of ${lockAttempts} in ${pauseMs} ms`,
      );
      await delay(pauseMs);
    }
  }
}

/** Runs what must not wait or work without end; the limits end with the transaction. */
export async function inTransaction<Result>(
  client: pg.Client,
  { lockTimeoutMs, statementTimeoutMs }: Omit<Limits, "lockAttempts">,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query("BEGIN");
  try {
    // The last one: if we stop in the middle, as on a machine that is put to sleep, our locks do not stay.
    await client.query(
      `SELECT set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true),
         set_config('idle_in_transaction_session_timeout', $2, true)`,
      [`${lockTimeoutMs}ms`, `${statementTimeoutMs}ms`],
    );
    const result = await work();
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

async function applyInTransaction(client: pg.Client, migration: Migration, limits: Limits): Promise<void> {
  await inTransaction(client, limits, async () => {
    for (const statement of migration.statements) await client.query(statement);
    await recordMigration(client, migration);
  });
}

/** Of the session, whatever the database or the role has. */
const UNLIMITED = ["lock_timeout", "statement_timeout"];

async function applyWithoutTransaction(client: pg.Client, migration: Migration): Promise<void> {
  // A time-out in the middle of CREATE INDEX CONCURRENTLY leaves an invalid index.
  for (const name of UNLIMITED) await client.query(`SET ${name} = 0`);
  try {
    for (const statement of migration.statements) await client.query(statement);
    await assertIndexesAreValid(client);
    await recordMigration(client, migration);
  } finally {
    // Where all clients share one session, as with PGlite, it would stay without limits.
    for (const name of UNLIMITED) await client.query(`RESET ${name}`).catch(() => undefined);
  }
}

// IF NOT EXISTS is satisfied by what a failed run has left, and such an index is never used.
async function assertIndexesAreValid(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid ORDER BY 1",
  );
  if (rows.length > 0) {
    throw new Error(
      `invalid index left by an interrupted run: ${rows.map(({ name }) => name).join(", ")}. Drop it and run again`,
    );
  }
}

/** `lock_not_available`, or `deadlock_detected` when the two waited for each other. */
const LOST_LOCK: ReadonlySet<string> = new Set(["55P03", "40P01"]);

function hasLostLock(error: unknown): boolean {
  return error instanceof pg.DatabaseError && LOST_LOCK.has(error.code ?? "");
}

async function lockNotFree(client: pg.Client, migration: Migration, limits: Limits, cause: unknown): Promise<Error> {
  const { lockAttempts, lockTimeoutMs } = limits;
  const others = await describeTransactions(client);
  return failed(
    migration,
    `${reasonOf(cause)}, ${lockAttempts} times (each waits ${lockTimeoutMs} ms at most). Nothing of it was applied.${others} ` +
      "Wait until what holds the lock has ended, or end it, and run again: docs/migrations.md, When a migration fails",
    cause,
  );
}

/** Who may be in the way: the oldest transactions that this role may see. */
async function describeTransactions(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ pid: number; state: string; seconds: number }>(
    `SELECT pid, state, extract(epoch FROM now() - xact_start)::integer AS seconds FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
     ORDER BY xact_start LIMIT 3`,
  );
  if (rows.length === 0) return "";
  return ` Open transactions: ${rows.map(({ pid, state, seconds }) => `process ${pid} (${state}) for ${seconds} s`).join(", ")}.`;
}

function failed({ name }: Migration, reason: string, cause: unknown): Error {
  return new Error(`${name} failed: ${reason}`, { cause });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
