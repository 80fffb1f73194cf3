import { checkScenario } from "./check-scenario.ts";
import { checkShares } from "./check-shares.ts";
import { checkSubscribers } from "./check-subscribers.ts";
import { checkTelemetry } from "./check-telemetry.ts";
import { checkWrites, countCheck } from "./check-writes.ts";
import type { Evaluation } from "./evaluation.ts";
import { type Check, outcomeOf } from "./outcome.ts";

export interface CheckOptions {
  /** Fewer requests prove too little; null when the rehearsal was cut down. */
  readonly minRequests: number | null;
  /** Processes that were started and are still there. */
  readonly leftProcesses: readonly string[];
}

const MAX_ROLLBACK_MS = 8_000;
/** Without room everything takes its time, the judge's measurements too. */
const MAX_ROLLBACK_WITHOUT_ROOM_MS = 30_000;
const MAX_SHOWN = 3;

/** One check for each scenario, then those of the whole. */
export function checkAll(evaluation: Evaluation, options: CheckOptions): Check[] {
  return [
    ...evaluation.results.filter(({ run }) => !run.isSuperseded).map(checkScenario),
    checkRequests(evaluation, options),
    checkShares(evaluation),
    checkAffinity(evaluation),
    checkDrain(evaluation),
    checkRollbacks(evaluation),
    ...checkWrites(evaluation),
    ...checkSubscribers(evaluation),
    checkTelemetry(evaluation),
    countCheck("no process is left", options.leftProcesses),
  ].filter((check) => check !== null);
}

function checkRequests({ requests, lost, forgiven, unanswered }: Evaluation, { minRequests }: CheckOptions): Check {
  const isEnough = requests >= (minRequests ?? 1);
  const examples = [...lost, ...unanswered]
    .slice(0, MAX_SHOWN)
    .map(({ operation, problem }) => `${operation}: ${problem}`);
  return {
    name: "no request is lost",
    outcome: lost.length > 0 ? "broken" : outcomeOf(unanswered.length === 0 && isEnough, true),
    detail: [
      `${lost.length} of ${requests} requests lost, ${forgiven.length} failed by injected faults`,
      ...(unanswered.length === 0 ? [] : [`${unanswered.length} were late while the machine had no room`]),
      ...(isEnough ? [] : [`at least ${minRequests ?? 1} are needed`]),
      ...examples,
    ].join("; "),
  };
}

function checkAffinity({ results }: Evaluation): Check | null {
  const moved = results.reduce((sum, { affinity }) => sum + affinity.moved, 0);
  const movedBack = results.flatMap(({ affinity }) => affinity.movedBack);
  if (results.every(({ shares }) => shares.length === 0)) return null;
  return {
    name: "affinity moves no key back",
    outcome: movedBack.length > 0 ? "broken" : outcomeOf(moved > 0, isAnyDisturbed(results)),
    detail: `${moved} moved to a new version, ${movedBack.length} back`,
  };
}

/** Without requests under way, nothing would have been seen of a version that is removed too early. */
function checkDrain({ drains, results }: Evaluation): Check | null {
  // A small share may have no slow request just then.
  if (!drains.some(({ percentage }) => percentage >= 50)) return null;
  const waited = drains.filter(({ requests }) => requests > 0);
  const requests = drains.reduce((sum, drain) => sum + drain.requests, 0);
  return {
    name: "versions were removed with requests under way",
    outcome: outcomeOf(waited.length > 0, isAnyDisturbed(results)),
    detail: `${requests} requests under way at ${waited.length} of ${drains.length} removals`,
  };
}

function checkRollbacks({ results }: Evaluation): Check | null {
  const rolledBack = results.filter((result) => result.rollbackMs !== null);
  if (rolledBack.length === 0) return null;
  const withoutRoom = rolledBack.filter(({ isRollbackDisturbed }) => isRollbackDisturbed).length;
  const isInTime = rolledBack.every(
    ({ rollbackMs, isRollbackDisturbed, run }) =>
      (rollbackMs ?? 0) <=
      Math.max(
        run.scenario.expected.rollbackMs ?? 0,
        isRollbackDisturbed ? MAX_ROLLBACK_WITHOUT_ROOM_MS : MAX_ROLLBACK_MS,
      ),
  );
  const strays = rolledBack.reduce((sum, result) => sum + result.strays, 0);
  return {
    name: `rolled back within ${MAX_ROLLBACK_MS / 1_000} s of the first visible fault`,
    outcome: strays === 0 && isInTime ? "held" : "broken",
    detail: [
      `${rolledBack.map(describeRollback).join(", ")}`,
      ...(withoutRoom === 0
        ? []
        : [`${withoutRoom} without room, which have ${MAX_ROLLBACK_WITHOUT_ROOM_MS / 1_000} s`]),
      `${strays} requests reached a version after its rollback`,
    ].join("; "),
  };
}

/** With the time that it has, when that is another: what only users meet takes enough of them. */
function describeRollback({ rollbackMs, run }: Evaluation["results"][number]): string {
  const { rollbackMs: allowedMs } = run.scenario.expected;
  const took = `${((rollbackMs ?? 0) / 1_000).toFixed(1)} s`;
  return allowedMs === undefined ? took : `${took} of ${allowedMs / 1_000} s for ${run.scenario.name}`;
}

function isAnyDisturbed(results: Evaluation["results"]): boolean {
  return results.some(({ isDisturbed }) => isDisturbed);
}
