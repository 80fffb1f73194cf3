import type { ReleasePorts } from "../ports.ts";
import type { StageNotes } from "../report/journal.ts";
import type { Traffic } from "../traffic/traffic.ts";

/** Leaves the new version alone in the deployment, and believes it only when deployments and answers show it. */
export async function completeRelease(traffic: Traffic, ports: ReleasePorts, notes: StageNotes): Promise<void> {
  await traffic.complete();
  // From here an interruption comes too late: what is done is done, and has to be verified.
  const { signal } = new AbortController();
  const { candidate: versionId, previous: takenOut } = traffic;
  const { waitedMs } = await ports.waitForVersion({ versionId, usesOverride: false, takenOut, signal });
  notes.detail(`All answers come from ${versionId}, seen after ${(waitedMs / 1000).toFixed(1)} s.`);
}
