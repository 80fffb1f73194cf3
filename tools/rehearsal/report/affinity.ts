import type { RequestRecord } from "../load/record.ts";
import type { ScenarioRun } from "./run.ts";

/** How the clients with a version key fared while the share of the new version grew. */
export interface AffinityResult {
  /** Keys that were answered by both versions, the new one last. */
  readonly moved: number;
  /** Keys that saw the old version after the new one. */
  readonly movedBack: readonly string[];
}

/** Looks at a release until it takes traffic away from the new version, if it does. */
export function checkAffinity(
  run: Pick<ScenarioRun, "deployments" | "candidate" | "startedAt" | "endedAt">,
  records: readonly RequestRecord[],
): AffinityResult {
  // By its answer: a request that waited somewhere may have been routed long after it was sent.
  const until = firstDecrease(run) ?? run.endedAt;
  const sent = records.filter(
    ({ at, ms, version, affinityKey }) =>
      affinityKey !== null && version !== null && at >= run.startedAt && at + ms < until,
  );
  let moved = 0;
  const movedBack: string[] = [];
  for (const [key, ofKey] of Map.groupBy(sent, ({ affinityKey }) => affinityKey ?? "")) {
    const isNew = ofKey.toSorted((a, b) => a.at - b.at).map(({ version }) => version === run.candidate);
    const first = isNew.indexOf(true);
    if (first > 0) moved += 1;
    if (first >= 0 && isNew.slice(first).includes(false)) movedBack.push(key);
  }
  return { moved, movedBack };
}

/** When the new version got less than before; null when it never did. */
function firstDecrease({ deployments, candidate }: Pick<ScenarioRun, "deployments" | "candidate">): number | null {
  let last = 0;
  for (const { createdAt, shares } of deployments) {
    const share = shares.find(({ versionId }) => versionId === candidate)?.percentage ?? 0;
    if (share < last) return createdAt;
    last = share;
  }
  return null;
}
