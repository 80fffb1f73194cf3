import { STARTUP_BUDGET_MS, STARTUP_DANGER_MS } from "../../bundle/measure.ts";
import type { CheckedOut } from "../adapters/git.ts";
import type { Deployment } from "../cloudflare/control-plane.ts";
import { READ_RETRIES_MS, retryControlPlane } from "../cloudflare/retry.ts";
import { formatShares } from "../cloudflare/versions.ts";
import type { ReleasePorts, ReleasePlan } from "../ports.ts";
import type { Journal, StageNotes } from "../report/journal.ts";
import { chooseRollbackTarget } from "../rollback/target.ts";
import { StageFailure } from "../stage-failure.ts";
import { assertClean } from "./checked-out.ts";
import { runChecks } from "./project-checks.ts";
import { describeDanger, describeStartup } from "./startup-limit.ts";

/** The live version was deployed long ago, or by a release that has waited for it. */
const SERVED_TIMEOUT_MS = 15_000;

export interface Preflight {
  readonly checkedOut: CheckedOut;
  /** The version that has all the traffic. */
  readonly previous: string;
  /** CPU time that the bundle takes to start, in milliseconds, measured here. */
  readonly startupMs: number;
}

/** Looks at all that a release needs before it changes anything; what costs most comes last. */
export async function runPreflight(
  plan: ReleasePlan,
  ports: ReleasePorts,
  notes: StageNotes & Pick<Journal, "found">,
  signal: AbortSignal,
): Promise<Preflight> {
  const checkedOut = await ports.checkedOut();
  notes.found({ commit: checkedOut.commit });
  assertClean(checkedOut);
  notes.detail(`Commit ${checkedOut.commit}: ${checkedOut.subject}`);
  const { forward, clock } = ports;
  const onFailure = (text: string): void => notes.detail(text);
  const retry = { delaysMs: READ_RETRIES_MS, clock, signal, onFailure };
  const previous = readPrevious(plan, await retryControlPlane(() => forward.deployments(), retry));
  notes.found({ previousId: previous });
  notes.detail(`Live is ${previous} at 100 %.`);
  await assertServedHere(plan, ports, previous, signal);
  const problems = await ports.findAccessProblems(signal);
  if (problems.length > 0) throw new StageFailure(problems);
  await checkMetrics(plan, ports, notes, signal);
  const startupMs = await checkStartup(ports, notes, signal);
  notes.detail(await runChecks(plan, ports, checkedOut.commit, signal));
  return { checkedOut, previous, startupMs };
}

function readPrevious({ env, worker }: ReleasePlan, history: readonly Deployment[]): string {
  const [live] = history;
  if (live === undefined) {
    throw new StageFailure([
      `${worker} was never deployed, so there is nothing to compare with or to go back to. Set it up first: ` +
        `npx wrangler deploy --env ${env} --secrets-file FILE (see docs/operations.md).`,
    ]);
  }
  const [only, ...others] = live.versions;
  if (only !== undefined && others.length === 0 && only.percentage === 100) return only.versionId;
  const message = live.message === null ? "" : ` ("${live.message}")`;
  throw new StageFailure([
    `The live deployment of ${worker} is split by someone else: ${formatShares(live.versions)}, since ${live.createdOn}${message}. ` +
      "Wait until that release is over; if nobody is at it, settle it:",
    ...listSettlements(env, live, chooseRollbackTarget(history)),
  ]);
}

/** The old version first: it is the one that has served everything. */
function listSettlements(env: string, { versions }: Deployment, old: string | null): readonly string[] {
  const ids = versions.map(({ versionId }) => versionId);
  return ids
    .toSorted((a, b) => Number(b === old) - Number(a === old))
    .map((id) => `with the ${id === old ? "old" : "new"} version: npm run rollback -- --env ${env} --to ${id}`);
}

/** Otherwise the whole release would watch some other Worker. */
async function assertServedHere(
  { url, worker }: ReleasePlan,
  { waitForVersion }: ReleasePorts,
  versionId: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await waitForVersion({ versionId, usesOverride: false, timeoutMs: SERVED_TIMEOUT_MS, signal });
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new StageFailure([`${url} does not serve the live version of ${worker}; check RELEASE_URL. ${reason}`]);
  }
}

/** A release goes on without them, unless they are asked for. */
async function checkMetrics(
  { isMetricsRequired }: ReleasePlan,
  { metrics }: ReleasePorts,
  notes: StageNotes,
  signal: AbortSignal,
): Promise<void> {
  if (metrics === null) return;
  const problem = await metrics.findProblem(signal);
  if (problem === null) return notes.detail("The metrics can be read.");
  if (isMetricsRequired)
    throw new StageFailure([`The metrics cannot be read, and --require-metrics asks for them: ${problem}.`]);
  notes.detail(`The metrics cannot be read, so probes alone may have to decide: ${problem}.`);
}

/** Also for a commit whose checks have passed elsewhere: what is measured is the bundle that will be uploaded. */
async function checkStartup(
  { measureStartup }: ReleasePorts,
  notes: StageNotes & Pick<Journal, "found">,
  signal: AbortSignal,
): Promise<number> {
  const startupMs = Math.round(await measureStartup());
  signal.throwIfAborted();
  notes.found({ startupMs });
  if (startupMs > STARTUP_DANGER_MS) throw new StageFailure([describeDanger(startupMs)]);
  const remark =
    startupMs > STARTUP_BUDGET_MS ? " Over the budget, or measured on a busy machine: npm run verify tells." : "";
  notes.detail(`Starts in ${describeStartup(startupMs)}.${remark}`);
  return startupMs;
}
