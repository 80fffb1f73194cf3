import type { ReleaseReport } from "../report/report.ts";
import { reasonsOf } from "../stage-failure.ts";
import type { Traffic } from "../traffic/traffic.ts";
import { configOf } from "./companion.ts";
import type { CompanionRun } from "./ports.ts";

/** What has been changed, so that a failure knows what there is to take back. */
export interface Progress {
  traffic: Traffic | null;
  /** The version with a class migration has everything: nothing leads back. */
  isPastMigration: boolean;
  /** The version has everything, and has been seen to work: only its triggers are left to do. */
  isSound: boolean;
}

/** After a failure or an interruption: leaves a safe state, and says which. */
export async function settle(run: CompanionRun, progress: Progress, error: unknown): Promise<ReleaseReport> {
  const { companion, plan, journal, signal } = run;
  const { traffic, isPastMigration, isSound } = progress;
  const reasons = signal.aborted && !isSound ? [] : reasonsOf(error);
  if (isPastMigration) return await settleMigrated(run, reasons);
  if (isSound) {
    const again = `npx wrangler triggers deploy --config ${configOf(companion)} --env ${plan.env}`;
    return journal.report("unverified", [...reasons, `Deploy the triggers: ${again}`]);
  }
  if (traffic === null || !traffic.mayHaveChanged()) {
    return journal.report(signal.aborted ? "interrupted" : "stopped", reasons);
  }
  return await rollBack(run, traffic, reasons);
}

async function rollBack(run: CompanionRun, traffic: Traffic, reasons: readonly string[]): Promise<ReleaseReport> {
  const { ports, journal, signal } = run;
  const startedAt = ports.today().toISOString();
  const startMs = ports.clock.now();
  const record = () => ({ startedAt, ms: Math.round(ports.clock.now() - startMs) });
  const never = new AbortController().signal;
  try {
    const by = await journal.stage({ name: "rollback", signal: never }, async (notes) => {
      const who = await traffic.giveBack();
      const { previous: versionId, candidate: takenOut } = traffic;
      await ports.waitForVersion?.({ versionId, usesOverride: false, takenOut, signal: never });
      const seen = ports.waitForVersion === null ? "The deployments show" : "All answers come from";
      notes.detail(`${seen} ${versionId}.`);
      return who;
    });
    journal.found({ rollback: { ...record(), verified: true, by } });
    return journal.report(signal.aborted ? "interrupted" : "rolled-back", reasons);
  } catch (failure) {
    journal.found({ rollback: { ...record(), verified: false, by: null } });
    return journal.report("unverified", [...reasons, ...reasonsOf(failure)]);
  }
}

/** Wrangler may have failed before the migration, or after it: the tag tells. */
async function settleMigrated(
  { companion, plan, ports, journal }: CompanionRun,
  reasons: readonly string[],
): Promise<ReleaseReport> {
  try {
    const tag = await ports.appliedTag(new AbortController().signal);
    const migrations = await ports.classMigrations();
    if (tag !== (migrations.at(-1)?.tag ?? null)) return journal.report("stopped", reasons);
  } catch (failure) {
    return journal.report("unverified", [...reasons, ...reasonsOf(failure)]);
  }
  return journal.report("unverified", [
    ...reasons,
    `The class migration is applied, so ${plan.worker} cannot go back to the version before. Mend what is wrong, commit, and release again: ` +
      `npm run release -- --worker ${companion.name} --env ${plan.env}. Meanwhile: ${companion.texts.meanwhile}.`,
  ]);
}
