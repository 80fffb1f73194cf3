import type { ReleasePorts } from "../ports.ts";
import type { StageNotes } from "../report/journal.ts";
import { StageFailure } from "../stage-failure.ts";

/** Calls every operation of the new version before any user does. */
export async function smokeTest(
  ports: ReleasePorts,
  versionId: string,
  notes: StageNotes,
  signal: AbortSignal,
): Promise<void> {
  const { outcome, passed, failed, skipped, failures } = await ports.smoke(versionId, signal);
  signal.throwIfAborted();
  notes.detail(`${passed} checks passed, ${failed} failed, ${skipped} skipped.`);
  if (outcome === "passed" && passed > 0) return;
  const reasons = failures.map(({ name, problems }) => `${name}: ${problems.join("; ")}`);
  throw new StageFailure(reasons.length > 0 ? reasons : [`The smoke test ended as: ${outcome}, nothing was proved.`]);
}
