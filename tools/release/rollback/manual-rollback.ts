import { type ControlPlane, ControlPlaneError, type Deployment } from "../cloudflare/control-plane.ts";
import type { RecoveryControlPlane } from "../cloudflare/deployments-api.ts";
import { READ_RETRIES_MS, type RetryOptions, retryControlPlane } from "../cloudflare/retry.ts";
import { formatShares, isOnly } from "../cloudflare/versions.ts";
import type { Clock } from "../measure/clock.ts";
import type { VersionWait } from "../ports.ts";
import type { Journal, StageNotes } from "../report/journal.ts";
import type { ReleaseReport } from "../report/report.ts";
import { reasonsOf, StageFailure } from "../stage-failure.ts";
import { rollbackMessage, settlementMessage } from "./message.ts";
import { chooseRollbackTarget, isForward, resolveVersion } from "./target.ts";

/** The first one takes another way. */
const RETRIES_MS = [100, 1_000, 2_000, 4_000, 8_000, 15_000];

export interface RollbackRun {
  /** As given on the command line; null leaves the choice to the history. */
  readonly to: string | null;
  /** Its reads end when the rollback is interrupted. */
  readonly forward: Pick<ControlPlane, "deployments">;
  readonly recovery: RecoveryControlPlane;
  readonly confirm: (text: string, signal: AbortSignal) => Promise<boolean>;
  /** Null where nothing answers: there, deployments alone tell. */
  readonly waitForVersion: ((options: VersionWait) => Promise<{ readonly waitedMs: number }>) | null;
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
  /** Written with the deployment. */
  readonly message: string;
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

async function findTarget(run: RollbackRun, notes: StageNotes): Promise<Target> {
  const { to, forward, confirm, journal, signal } = run;
  const history = await retryControlPlane(() => forward.deployments(), retries(run, READ_RETRIES_MS, signal));
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
  const message = isForward(target, history) ? settlementMessage(from, target) : rollbackMessage(from, target);
  return { live, from, to: target, message };
}

function retries({ clock, note }: RollbackRun, delaysMs: readonly number[], signal: AbortSignal): RetryOptions {
  return { delaysMs, clock, signal, onFailure: note, isFinal: ({ refusal }) => refusal === "unknown-version" };
}

async function carryOut(run: RollbackRun, target: Target): Promise<ReleaseReport> {
  const { journal, clock, today } = run;
  const startedAt = today().toISOString();
  const startMs = clock.now();
  const record = () => ({ startedAt, ms: Math.round(clock.now() - startMs) });
  const never = new AbortController().signal;
  const progress = { mayHaveTaken: isOnly(target.live, target.to) };
  try {
    await journal.stage({ name: "rollback", signal: never }, (notes) => giveTraffic(run, target, progress, notes));
  } catch (error) {
    if (error instanceof ControlPlaneError && error.refusal === "unknown-version") journal.found({ newId: null });
    if (!progress.mayHaveTaken && (await isUntouched(run, target))) return journal.report("stopped", reasonsOf(error));
    journal.found({ rollback: { ...record(), verified: false, by: null } });
    return journal.report("unverified", reasonsOf(error));
  }
  journal.found({ rollback: { ...record(), verified: true, by: "us" } });
  return journal.report("released", []);
}

/** Whether the deployments show, after a failure, what was live before. */
async function isUntouched(run: RollbackRun, { live }: Target): Promise<boolean> {
  try {
    const never = new AbortController().signal;
    const [now] = await retryControlPlane(() => run.recovery.deployments(), retries(run, READ_RETRIES_MS, never));
    return now?.id === live.id;
  } catch {
    return false;
  }
}

async function giveTraffic(
  run: RollbackRun,
  target: Target,
  progress: { mayHaveTaken: boolean },
  notes: StageNotes,
): Promise<void> {
  const { recovery, waitForVersion } = run;
  const { from, to, message } = target;
  const { signal } = new AbortController();
  if (isOnly(target.live, to)) notes.detail(`${to} has all the traffic already.`);
  else {
    const attempt = async (): Promise<void> => {
      await recovery.rollBack(to, message);
      progress.mayHaveTaken = true;
      const [after] = await recovery.deployments();
      if (!isOnly(after, to))
        throw new ControlPlaneError("The rollback was accepted, but the deployments do not show it.");
    };
    await retryControlPlane(attempt, retries(run, RETRIES_MS, signal));
  }
  if (waitForVersion === null) {
    notes.detail(`The deployments show ${to} alone.`);
    return;
  }
  const takenOut = from === to ? {} : { takenOut: from };
  const { waitedMs } = await waitForVersion({ versionId: to, usesOverride: false, ...takenOut, signal });
  notes.detail(`All answers come from ${to}, seen after ${(waitedMs / 1000).toFixed(1)} s.`);
}
