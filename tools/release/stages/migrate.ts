import type { Migration } from "../../db/migration-files.ts";
import { findDangers } from "../migrations/expand-only.ts";
import type { ReleasePorts } from "../ports.ts";
import type { StageNotes } from "../report/journal.ts";
import { StageFailure } from "../stage-failure.ts";

/** Reads the pending migrations and refuses them all when one of them is more than an expansion; changes nothing. Gives those it has judged. */
export async function checkMigrations(
  { migrations }: ReleasePorts,
  notes: StageNotes,
  signal: AbortSignal,
): Promise<readonly Migration[]> {
  const pending = await migrations.pending();
  const names = pending.map(({ name }) => name);
  notes.detail(names.length === 0 ? "No migration is pending." : `Pending: ${names.join(", ")}`);
  if (names.length === 0) return pending;
  const earlier = (await migrations.all()).filter(({ name }) => !names.includes(name));
  const reasons = [...(await describeDangers(pending, earlier)), ...(await migrations.lint(names, signal))];
  signal.throwIfAborted();
  if (reasons.length === 0) return pending;
  throw new StageFailure([
    ...reasons,
    "Nothing was applied. During a release two versions share the database, so it may only expand. Release first the code that no " +
      'longer needs this, then contract by hand: npm run db:migrate (see "What a migration may do" in docs/releases.md).',
  ]);
}

async function describeDangers(
  pending: readonly Migration[],
  earlier: readonly Migration[],
): Promise<readonly string[]> {
  return (await findDangers(pending, earlier)).map(
    ({ migration, statement, reason }) => `migrations/${migration}.sql: ${statement}: ${reason}.`,
  );
}

/** Runs to its end whatever happens: a migration that is cut off helps nobody. Gives the names. */
export async function applyMigrations(
  { migrations }: ReleasePorts,
  judged: readonly Migration[],
  notes: StageNotes,
): Promise<readonly string[]> {
  return await migrations.apply(judged, (line) => notes.detail(line));
}
