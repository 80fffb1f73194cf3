import type { ReleasePorts } from "../ports.ts";
import type { StageNotes } from "../report/journal.ts";
import type { Traffic } from "../traffic/traffic.ts";

/**
 * Makes the version part of the live deployment without a share, and waits until the override reaches it: before that, a
 * request that asks for it is answered by the old version, without a word.
 */
export async function joinAtZero(
  traffic: Traffic,
  ports: ReleasePorts,
  notes: StageNotes,
  signal: AbortSignal,
): Promise<void> {
  await traffic.shift(0);
  const { waitedMs } = await ports.waitForVersion({ versionId: traffic.candidate, usesOverride: true, signal });
  notes.detail(`The version override works after ${(waitedMs / 1000).toFixed(1)} s.`);
}
