import type { ReleasePorts } from "../ports.ts";
import type { StageNotes } from "../report/journal.ts";
import type { RollbackRecord } from "../report/report.ts";
import type { Traffic } from "../traffic/traffic.ts";

/** The last stage of a release that went wrong: gives all traffic back to the previous version, and believes it only when deployments and answers show it. */
export async function rollBackRelease(
  traffic: Traffic,
  ports: ReleasePorts,
  notes: StageNotes,
): Promise<NonNullable<RollbackRecord["by"]>> {
  const by = await traffic.giveBack();
  if (by === "someone else") notes.detail("Someone else has rolled back already.");
  const { signal } = new AbortController();
  const { previous: versionId, candidate: takenOut } = traffic;
  const { waitedMs } = await ports.waitForVersion({ versionId, usesOverride: false, takenOut, signal });
  notes.detail(`All answers come from ${versionId}, seen after ${(waitedMs / 1000).toFixed(1)} s.`);
  return by;
}
