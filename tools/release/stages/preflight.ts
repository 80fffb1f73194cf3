import type { Deployment } from "../cloudflare/control-plane.ts";
import { formatShares } from "../cloudflare/versions.ts";
import type { ReleaseParts, ReleasePlan } from "../parts.ts";
import type { CheckedOut } from "../parts/git.ts";
import type { StageNotes } from "../report/journal.ts";
import { StageFailure } from "../stage-failure.ts";

const SHOWN_CHANGES = 5;
/** The live version was deployed long ago, or by a release that has waited for it. */
const SERVED_TIMEOUT_MS = 15_000;

export interface Preflight {
  readonly checkedOut: CheckedOut;
  /** The version that has all the traffic. */
  readonly previous: string;
}

/** Looks at all that a release needs before it changes anything; what costs most comes last. */
export async function runPreflight(
  plan: ReleasePlan,
  parts: ReleaseParts,
  notes: StageNotes,
  signal: AbortSignal,
): Promise<Preflight> {
  const checkedOut = await parts.checkedOut();
  assertClean(checkedOut);
  notes.detail(`Commit ${checkedOut.commit}: ${checkedOut.subject}`);
  const previous = readPrevious(plan, await parts.forward.deployments());
  notes.detail(`Live is ${previous} at 100 %.`);
  await assertServedHere(plan, parts, previous, signal);
  const problems = await parts.findAccessProblems(signal);
  if (problems.length > 0) throw new StageFailure(problems);
  notes.detail(await runChecks(plan, parts, checkedOut.commit, signal));
  return { checkedOut, previous };
}

/** The tag of a version is its commit, so what is not in the commit must not be in the version. */
function assertClean({ changes }: CheckedOut): void {
  if (changes.length === 0) return;
  const shown = changes.slice(0, SHOWN_CHANGES).join(", ");
  const more = changes.length > SHOWN_CHANGES ? ` and ${changes.length - SHOWN_CHANGES} more` : "";
  throw new StageFailure([
    `The working tree differs from its commit: ${shown}${more}. Commit it, or put it away (git stash -u).`,
  ]);
}

function readPrevious({ env, worker }: ReleasePlan, [live]: readonly Deployment[]): string {
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
      "Wait until that release is over; if nobody is at it, settle it with one of:",
    ...live.versions.map(({ versionId }) => `npm run rollback -- --env ${env} --to ${versionId}`),
  ]);
}

/** Otherwise the whole release would watch some other Worker. */
async function assertServedHere(
  { url, worker }: ReleasePlan,
  { waitForVersion }: ReleaseParts,
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

async function runChecks(
  { verifiedCommit }: ReleasePlan,
  { findCheckFailure }: ReleaseParts,
  commit: string,
  signal: AbortSignal,
): Promise<string> {
  if (verifiedCommit === commit) return "The checks of this commit have passed elsewhere.";
  const failure = await findCheckFailure(signal);
  signal.throwIfAborted();
  if (failure !== null) throw new StageFailure([`The checks fail (npm run verify):\n${failure}`]);
  return "The checks pass.";
}
