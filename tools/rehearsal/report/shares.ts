import type { RequestRecord } from "../load/record.ts";
import type { ScenarioRun } from "./run.ts";

/** What a version got of the requests while a step was in effect. */
export interface StepShare {
  /** In percent, as deployed. */
  readonly target: number;
  /** In percent, as seen. */
  readonly share: number;
  readonly requests: number;
}

/**
 * Shares that the new version had at the steps where both versions got traffic, by the requests without version key.
 * @param effectMs from a deployment's time until it surely is in effect
 */
export function measureShares(
  run: Pick<ScenarioRun, "deployments" | "candidate" | "endedAt">,
  records: readonly RequestRecord[],
  effectMs: number,
): StepShare[] {
  return run.deployments.flatMap(({ createdAt, shares }, index) => {
    const target = shares.find(({ versionId }) => versionId === run.candidate)?.percentage ?? 0;
    if (target <= 0 || target >= 100) return [];
    const until = run.deployments[index + 1]?.createdAt ?? run.endedAt;
    const ids = new Set(shares.map(({ versionId }) => versionId));
    const counted = records.filter(
      ({ at, version, affinityKey }) =>
        affinityKey === null && version !== null && ids.has(version) && at >= createdAt + effectMs && at < until,
    );
    const hits = counted.filter(({ version }) => version === run.candidate).length;
    return counted.length === 0 ? [] : [{ target, share: (100 * hits) / counted.length, requests: counted.length }];
  });
}
