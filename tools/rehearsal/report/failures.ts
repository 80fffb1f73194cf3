import type { RequestRecord } from "../load/record.ts";
import type { ScenarioRun } from "./run.ts";

export interface FailureCounts {
  /** Wrong or missing answers that no fault of ours explains. */
  readonly lost: readonly RequestRecord[];
  /** Wrong answers of a version that was broken on purpose, and marked by it. */
  readonly forgiven: readonly RequestRecord[];
}

/** A failure is forgiven only if the answer says so and comes from the version under release that is to do this. */
export function sortFailures(records: readonly RequestRecord[], runs: readonly ScenarioRun[]): FailureCounts {
  const failures = records.filter(({ problem }) => problem !== null);
  const isForgiven = (record: RequestRecord): boolean =>
    record.injectedFault !== null &&
    runs.some(
      ({ scenario, candidate, startedAt, endedAt }) =>
        scenario.injects === record.injectedFault &&
        candidate === record.version &&
        record.at >= startedAt &&
        record.at < endedAt,
    );
  return {
    lost: failures.filter((record) => !isForgiven(record)),
    forgiven: failures.filter(isForgiven),
  };
}

/** From the first time that a fault could be seen until the rollback was verified, in ms; null when there was none. */
export function rollbackMs(run: ScenarioRun, records: readonly RequestRecord[]): number | null {
  if (run.verifiedAt === null) return null;
  const touched = records.find(({ version, injectedFault }) => version === run.candidate && injectedFault !== null);
  // Without traffic, the stage that stopped it is the first to look.
  const firstSeenAt = touched === undefined ? run.failedAt : touched.at + touched.ms;
  return firstSeenAt === null ? null : Math.max(0, run.verifiedAt - firstSeenAt);
}
