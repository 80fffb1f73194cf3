import { createFirstValues } from "./first-values.ts";
import type { Measurement } from "./measurement.ts";
import { createPending } from "./pending.ts";
import { createReservoir } from "./reservoir.ts";

/** One request from when it is sent. It ends once, as one of these. */
export interface SentRequest {
  succeeded(latencyMs: number): void;
  failed(problem: string, requestId: string | null): void;
  /** Another version answered. */
  misrouted(answeredBy: string): void;
  /** It says nothing about the version. */
  ignored(): void;
}

/** What was counted of one version. */
export interface Tally {
  /** @param route path with placeholders */
  sent(route: string): SentRequest;
  /** Counts a failure that was found out later, of a request that has ended. */
  failed(problem: string, requestId: string | null): void;
  measurement(): Measurement;
  /** Milliseconds for which the oldest request has been under way that is not counted yet; 0 when there is none. */
  oldestPendingMs(): number;
  /** Says that the override was ignored; empty when it never was. */
  misrouting(): readonly string[];
  /** That, and the most frequent failures, in words. */
  examples(): readonly string[];
}

/** Enough for any percentile, and sorted in a few milliseconds. */
const MAX_LATENCIES = 20_000;
/** More than may be cold. */
const FIRST_REQUESTS = 100;
/**
 * A hundred times as long as a read takes, and before the service itself gives up after 5 s: whoever waits for so long
 * counts as failed until the answer is there.
 */
const OVERDUE_MS = 3_000;
/** More different failures than anybody reads. */
const MAX_PROBLEMS = 50;
const MAX_EXAMPLES = 5;
/** Beyond this share of answers from another version, the pinning does not work and nothing can be told. */
const MAX_MISROUTED = 0.05;

interface Problem {
  count: number;
  /** Of the first request. */
  readonly requestId: string | null;
}

export interface TallyOptions {
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  /** Milliseconds since some moment. */
  readonly now: () => number;
}

export function createTally(versionId: string, { random, now }: TallyOptions): Tally {
  const latencies = createFirstValues(FIRST_REQUESTS, createReservoir(MAX_LATENCIES, random));
  const pending = createPending(OVERDUE_MS, now);
  const problems = new Map<string, Problem>();
  let [sent, samples, errors, misrouted, lastAnsweredBy] = [0, 0, 0, 0, ""];
  const isTrusted = (): boolean => misrouted <= MAX_MISROUTED * (samples + misrouted);
  const misrouting = (): readonly string[] =>
    misrouted === 0
      ? []
      : [
          `override ignored: ${misrouted} of ${samples + misrouted} answers asked of version ${versionId} came from another, lately ${lastAnsweredBy}${isTrusted() ? "" : "; so none of them counts"}`,
        ];

  const failed = (problem: string, requestId: string | null): void => {
    samples++;
    errors++;
    const known = problems.get(problem);
    if (known !== undefined) known.count++;
    else if (problems.size < MAX_PROBLEMS) problems.set(problem, { count: 1, requestId });
  };

  return {
    sent(route) {
      const place = sent++;
      const end = pending.add(route);
      return {
        succeeded(latencyMs) {
          end();
          samples++;
          latencies.add(place, latencyMs);
        },
        failed(problem, requestId) {
          end();
          failed(problem, requestId);
        },
        misrouted(answeredBy) {
          end();
          misrouted++;
          lastAnsweredBy = answeredBy;
        },
        ignored: end,
      };
    },
    failed,
    measurement() {
      if (!isTrusted()) return { samples: 0, errors: 0, latenciesMs: [] };
      const overdue = pending.overdue().length;
      return { samples: samples + overdue, errors: errors + overdue, latenciesMs: latencies.values() };
    },
    oldestPendingMs: pending.oldestMs,
    misrouting,
    examples: () => [
      ...misrouting(),
      ...[...problems, ...describeOverdue(pending.overdue())]
        .toSorted(([, left], [, right]) => right.count - left.count)
        .slice(0, MAX_EXAMPLES)
        .map(([problem, { count, requestId }]) => describe(problem, count, requestId)),
    ],
  };
}

function describeOverdue(routes: readonly string[]): readonly (readonly [string, Problem])[] {
  return Object.entries(Object.groupBy(routes, (route) => route)).map(([route, same = []]) => [
    `GET ${route}: no answer after ${OVERDUE_MS / 1_000} s`,
    { count: same.length, requestId: null },
  ]);
}

function describe(problem: string, count: number, requestId: string | null): string {
  const details = [...(count > 1 ? [`${count} times`] : []), ...(requestId === null ? [] : [`request ${requestId}`])];
  return details.length === 0 ? problem : `${problem} (${details.join(", ")})`;
}
