import type { ReleasePlan, ReleasePorts } from "../ports.ts";
import { StageFailure } from "../stage-failure.ts";

/** Runs the checks of the project, unless they have passed for this commit elsewhere; gives a sentence. Throws StageFailure. */
export async function runChecks(
  { verifiedCommit }: Pick<ReleasePlan, "verifiedCommit">,
  { findCheckFailure }: Pick<ReleasePorts, "findCheckFailure">,
  commit: string,
  signal: AbortSignal,
): Promise<string> {
  if (verifiedCommit === commit) return "The checks of this commit have passed elsewhere.";
  const failure = await findCheckFailure(signal);
  signal.throwIfAborted();
  if (failure !== null) throw new StageFailure([`The checks fail (npm run verify):\n${failure}`]);
  return "The checks pass.";
}
