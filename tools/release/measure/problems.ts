import { OVERDUE_MS } from "./measurement.ts";

/** Failures of one version, alike ones counted together. */
export interface Problems {
  add(problem: string, requestId: string | null): void;
  /** The most frequent ones in words, together with the routes of requests that are overdue now. */
  describe(overdueRoutes: readonly string[]): readonly string[];
}

/** More different failures than anybody reads. */
const MAX_PROBLEMS = 50;
const MAX_EXAMPLES = 5;

interface Problem {
  count: number;
  /** Of the first request. */
  readonly requestId: string | null;
}

export function createProblems(): Problems {
  const problems = new Map<string, Problem>();
  return {
    add(problem, requestId) {
      const known = problems.get(problem);
      if (known !== undefined) known.count++;
      else if (problems.size < MAX_PROBLEMS) problems.set(problem, { count: 1, requestId });
    },
    describe: (overdueRoutes) =>
      [...problems, ...describeOverdue(overdueRoutes)]
        .toSorted(([, left], [, right]) => right.count - left.count)
        .slice(0, MAX_EXAMPLES)
        .map(([problem, { count, requestId }]) => describeOne(problem, count, requestId)),
  };
}

function describeOverdue(routes: readonly string[]): readonly (readonly [string, Problem])[] {
  return Object.entries(Object.groupBy(routes, (route) => route)).map(([route, same = []]) => [
    `GET ${route}: no answer after ${OVERDUE_MS / 1_000} s`,
    { count: same.length, requestId: null },
  ]);
}

function describeOne(problem: string, count: number, requestId: string | null): string {
  const details = [...(count > 1 ? [`${count} times`] : []), ...(requestId === null ? [] : [`request ${requestId}`])];
  return details.length === 0 ? problem : `${problem} (${details.join(", ")})`;
}
