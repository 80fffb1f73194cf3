import type { Evaluation, RunResult } from "./evaluation.ts";

/** Something that a rehearsal has to show. */
export interface Check {
  readonly name: string;
  readonly isPassed: boolean;
  /** What was seen, in a line. */
  readonly detail: string;
}

export interface CheckOptions {
  /** Fewer requests prove too little; null when the rehearsal was cut down. */
  readonly minRequests: number | null;
  /** Processes that were started and are still there. */
  readonly leftProcesses: readonly string[];
}

const MAX_SHARE_DIFFERENCE = 2; // Points of percent.
const MAX_ROLLBACK_MS = 30_000;
const MAX_SHOWN = 3;

/** One check for each scenario, then those of the whole. */
export function checkAll(evaluation: Evaluation, options: CheckOptions): Check[] {
  return [
    ...evaluation.results.map(checkScenario),
    checkRequests(evaluation, options),
    checkShares(evaluation),
    checkAffinity(evaluation),
    checkDrain(evaluation),
    checkRollbacks(evaluation),
    ...checkWrites(evaluation),
    countCheck("no process is left", options.leftProcesses),
  ].filter((check) => check !== null);
}

function checkScenario({ run }: RunResult): Check {
  const { problems, stage, exitCode, scenario } = run;
  const outcome = stage === null ? `exit code ${exitCode}` : `stopped at ${stage}, exit code ${exitCode}`;
  return {
    name: `scenario ${scenario.name}: ${scenario.title}`,
    isPassed: problems.length === 0,
    detail: problems.length === 0 ? outcome : problems.join("; "),
  };
}

function checkRequests({ requests, lost, forgiven }: Evaluation, { minRequests }: CheckOptions): Check {
  const isEnough = requests >= (minRequests ?? 1);
  const examples = lost.slice(0, MAX_SHOWN).map(({ operation, problem }) => `${operation}: ${problem}`);
  const enough = isEnough ? [] : [`at least ${minRequests ?? 1} are needed`];
  return {
    name: "no request is lost",
    isPassed: lost.length === 0 && isEnough,
    detail: [
      `${lost.length} of ${requests} requests lost, ${forgiven.length} failed by injected faults`,
      ...enough,
      ...examples,
    ].join("; "),
  };
}

function checkShares({ results }: Evaluation): Check | null {
  const released = results.filter(({ run }) => run.scenario.expected.live === "new");
  if (released.length === 0) return null;
  const steps = results.flatMap(({ shares }) => shares);
  const differences = steps.map(({ target, share }) => Math.abs(target - share));
  // A good version has been at 10 % and at 50 %, or nothing was measured.
  const isMeasured = released.every(({ shares }) =>
    [10, 50].every((step) => shares.some(({ target }) => target === step)),
  );
  const worst = Math.max(0, ...differences);
  return {
    name: `shares are within ${MAX_SHARE_DIFFERENCE} points of their target`,
    isPassed: isMeasured && worst <= MAX_SHARE_DIFFERENCE,
    detail: isMeasured
      ? `worst of ${steps.length} steps: ${worst.toFixed(1)} points`
      : "a step was not seen: no requests between its start and the next",
  };
}

function checkAffinity({ results }: Evaluation): Check | null {
  const moved = results.reduce((sum, { affinity }) => sum + affinity.moved, 0);
  const movedBack = results.flatMap(({ affinity }) => affinity.movedBack);
  if (results.every(({ shares }) => shares.length === 0)) return null;
  return {
    name: "affinity moves no key back",
    isPassed: moved > 0 && movedBack.length === 0,
    detail: `${moved} moved to a new version, ${movedBack.length} back`,
  };
}

/** Without requests under way, nothing would have been seen of a version that is removed too early. */
function checkDrain({ drains }: Evaluation): Check | null {
  // A small share may have no slow request just then.
  if (!drains.some(({ percentage }) => percentage >= 50)) return null;
  const waited = drains.filter(({ requests }) => requests > 0);
  const requests = drains.reduce((sum, drain) => sum + drain.requests, 0);
  return {
    name: "versions were removed with requests under way",
    isPassed: waited.length > 0,
    detail: `${requests} requests under way at ${waited.length} of ${drains.length} removals`,
  };
}

function checkRollbacks({ results }: Evaluation): Check | null {
  const rolledBack = results.filter((result) => result.rollbackMs !== null);
  if (rolledBack.length === 0) return null;
  const slowest = Math.max(...rolledBack.map((result) => result.rollbackMs ?? 0));
  const strays = rolledBack.reduce((sum, result) => sum + result.strays, 0);
  return {
    name: `rolled back within ${MAX_ROLLBACK_MS / 1_000} s of the first visible fault`,
    isPassed: slowest <= MAX_ROLLBACK_MS && strays === 0,
    detail: `slowest of ${rolledBack.length}: ${(slowest / 1_000).toFixed(1)} s; ${strays} requests reached a version after its rollback`,
  };
}

function checkWrites({ writes, acknowledged }: Evaluation): Check[] {
  const about = `, of ${acknowledged} users`;
  return [
    countCheck("no acknowledged write is lost", writes.lost, about),
    countCheck("no write is applied twice", writes.twice, about),
  ];
}

function countCheck(name: string, faults: readonly string[], about = ""): Check {
  return {
    name,
    isPassed: faults.length === 0,
    detail: [`${faults.length}${about}`, ...faults.slice(0, MAX_SHOWN)].join("; "),
  };
}
