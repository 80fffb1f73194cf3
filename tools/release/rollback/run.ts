import { type ControlPlane, ControlPlaneError, type Deployment } from "../cloudflare/control-plane.ts";
import { retryControlPlane } from "../cloudflare/retry.ts";
import { formatShares, isOnly } from "../cloudflare/versions.ts";
import type { Clock } from "../measure/clock.ts";
import type { VersionWait } from "../parts.ts";
import type { Journal, StageNotes } from "../report/journal.ts";
import type { ReleaseReport } from "../report/report.ts";
import { reasonsOf, StageFailure } from "../stage-failure.ts";
import { rollbackMessage } from "./message.ts";
import { chooseRollbackTarget, resolveVersion } from "./target.ts";

const RETRIES_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

export interface RollbackRun {
  /** As given on the command line; null leaves the choice to the history. */
  readonly to: string | null;
  /** Its reads end when the rollback is interrupted. */
  readonly forward: ControlPlane;
  readonly recovery: ControlPlane;
  readonly confirm: (text: string, signal: AbortSignal) => Promise<boolean>;
  readonly waitForVersion: (options: VersionWait) => Promise<{ readonly waitedMs: number }>;
  readonly clock: Clock;
  readonly today: () => Date;
  readonly journal: Journal;
  /** Ends it as long as nothing has changed; afterwards it is carried through. */
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

interface Target {
  readonly live: Deployment;
  /** The version that loses its traffic. */
  readonly from: string;
  readonly to: string;
}

/** Gives all traffic to an earlier version. The report's outcome is `released` when that version serves everything, verified. */
export async function runRollback(run: RollbackRun): Promise<ReleaseReport> {
  const { journal, signal } = run;
  let target: Target;
  try {
    target = await journal.stage({ name: "preflight", signal }, (notes) => findTarget(run, notes));
  } catch (error) {
    return journal.report(signal.aborted ? "interrupted" : "stopped", signal.aborted ? [] : reasonsOf(error));
  }
  return await carryOut(run, target);
}

async function findTarget({ to, forward, confirm, journal, signal }: RollbackRun, notes: StageNotes): Promise<Target> {
  const history = await forward.deployments();
  signal.throwIfAborted();
  const [live] = history;
  if (live === undefined) throw new StageFailure(["The Worker was never deployed: there is nothing to go back to."]);
  const target = to === null ? chooseRollbackTarget(history) : resolveVersion(to, history);
  if (target === null) {
    throw new StageFailure([
      "The last deployments show no version that served well before the live one. Choose one of npx wrangler versions list and name it with --to.",
    ]);
  }
  const from = live.versions.find(({ versionId }) => versionId !== target)?.versionId ?? target;
  journal.found({ previousId: from, newId: target });
  notes.detail(`Live: ${formatShares(live.versions)}`);
  notes.detail(`All traffic goes to ${target}.`);
  const text = `  from  ${formatShares(live.versions)}\n  to    ${target} at 100 %`;
  if (!isOnly(live, target) && !(await confirm(text, signal))) throw new StageFailure(["Not confirmed."]);
  signal.throwIfAborted();
  return { live, from, to: target };
}

async function carryOut(run: RollbackRun, target: Target): Promise<ReleaseReport> {
  const { journal, clock, today } = run;
  const startedAt = today().toISOString();
  const startMs = clock.now();
  const never = new AbortController().signal;
  let verified = false;
  let reasons: readonly string[] = [];
  try {
    await journal.stage({ name: "rollback", signal: never }, (notes) => giveTraffic(run, target, notes));
    verified = true;
  } catch (error) {
    reasons = reasonsOf(error);
  }
  journal.found({
    rollback: { startedAt, ms: Math.round(clock.now() - startMs), verified, by: verified ? "us" : null },
  });
  return journal.report(verified ? "released" : "unverified", reasons);
}

async function giveTraffic(run: RollbackRun, target: Target, notes: StageNotes): Promise<void> {
  const { recovery, clock, note, waitForVersion } = run;
  const { from, to } = target;
  const { signal } = new AbortController();
  if (isOnly(target.live, to)) notes.detail(`${to} has all the traffic already.`);
  else {
    await retryControlPlane(
      async () => {
        await recovery.rollBack(to, rollbackMessage(from, to));
        const [after] = await recovery.deployments();
        if (!isOnly(after, to))
          throw new ControlPlaneError("The rollback was accepted, but the deployments do not show it.");
      },
      { delaysMs: RETRIES_MS, clock, signal, onFailure: note },
    );
  }
  const takenOut = from === to ? {} : { takenOut: from };
  const { waitedMs } = await waitForVersion({ versionId: to, usesOverride: false, ...takenOut, signal });
  notes.detail(`All answers come from ${to}, seen after ${(waitedMs / 1000).toFixed(1)} s.`);
}
