import type { RequestRecord } from "../load/record.ts";
import type { LiveDeployment } from "../scenarios/live-deployments.ts";

/** A version that left the live deployment while it had traffic. */
export interface Drain {
  readonly versionId: string;
  /** Of the traffic that it had until then, in percent. */
  readonly percentage: number;
  /** Requests that it still answered after it had left. */
  readonly requests: number;
}

/** The switch itself, and an answer on its way. */
const SWITCH_MS = 250;

/**
 * Requests that were sent to a version before it left and answered after it had: those that a removal without waiting
 * would have cut.
 * @param deployments oldest first
 * @param propagationMs from a deployment's time until it takes effect
 */
export function findDrains(
  deployments: readonly LiveDeployment[],
  records: readonly RequestRecord[],
  propagationMs: number,
): Drain[] {
  return deployments.flatMap(({ shares }, index) => {
    const next = deployments[index + 1];
    if (next === undefined) return [];
    const leftAt = next.createdAt + propagationMs;
    const stay = new Set(next.shares.map(({ versionId }) => versionId));
    return shares
      .filter(({ versionId, percentage }) => percentage > 0 && !stay.has(versionId))
      .map(({ versionId, percentage }) => ({
        versionId,
        percentage,
        requests: records.filter(
          ({ version, at, ms }) => version === versionId && at < leftAt && at + ms > leftAt + SWITCH_MS,
        ).length,
      }));
  });
}
