import type { RequestRecord } from "../load/record.ts";
import { shortMs, type Shortage } from "../room/shortage.ts";
import type { ScenarioRun } from "./run.ts";

export interface SortedFailures {
  /** Wrong or missing answers that nothing explains but the service or its release. */
  readonly lost: readonly RequestRecord[];
  /** Wrong answers of a version that was broken on purpose, and marked by it. */
  readonly forgiven: readonly RequestRecord[];
  /** Answers that did not come in time while a Worker that does nothing had to wait as well: they prove nothing. */
  readonly unanswered: readonly RequestRecord[];
}

/** Of the time that a request waited, so much must have been short of room to explain that it waited in vain. */
const EXPLAINING_SHARE = 0.1;
const GATEWAY_TIMEOUT = 504;

/** A failure is forgiven only if the answer says so and comes from the version under release that is to do this. */
export function sortFailures(
  records: readonly RequestRecord[],
  runs: readonly ScenarioRun[],
  shortages: readonly Shortage[],
): SortedFailures {
  const failures = records.filter(({ problem }) => problem !== null);
  const kinds = Map.groupBy(failures, (record) => {
    if (isInjected(record, runs)) return "forgiven";
    return isExplained(record, shortages) ? "unanswered" : "lost";
  });
  return {
    lost: kinds.get("lost") ?? [],
    forgiven: kinds.get("forgiven") ?? [],
    unanswered: kinds.get("unanswered") ?? [],
  };
}

function isInjected({ injectedFault, version, at }: RequestRecord, runs: readonly ScenarioRun[]): boolean {
  return (
    injectedFault !== null &&
    runs.some(
      ({ scenario, candidate, startedAt, endedAt }) =>
        scenario.injects === injectedFault && candidate === version && at >= startedAt && at < endedAt,
    )
  );
}

/** Only lateness can be the machine's doing: a wrong answer or a broken connection never is. */
function isExplained({ at, ms, status, isLate }: RequestRecord, shortages: readonly Shortage[]): boolean {
  if (!isLate && status !== GATEWAY_TIMEOUT) return false;
  return shortMs(shortages, at, at + ms) >= EXPLAINING_SHARE * ms;
}

/** The time that a rollback took: milliseconds since 1970. */
export interface RollbackTime {
  readonly from: number;
  readonly to: number;
}

/**
 * From the first time that a fault could be seen until the last request that the bad version got. Without traffic, until
 * the rollback was verified; null when nothing was rolled back.
 */
export function findRollback(run: ScenarioRun, records: readonly RequestRecord[]): RollbackTime | null {
  if (run.verifiedAt === null) return null;
  const onBadVersion = records.filter(({ version }) => version === run.candidate);
  const touched = onBadVersion.find(({ injectedFault }) => injectedFault !== null);
  if (touched !== undefined) {
    const seenAt = touched.at + touched.ms;
    return { from: seenAt, to: Math.max(seenAt, ...onBadVersion.map(({ at }) => at)) };
  }
  // The stage that stopped it is the first to look.
  return run.failedAt === null ? null : { from: run.failedAt, to: Math.max(run.failedAt, run.verifiedAt) };
}
