import type { Measurement } from "./measurement.ts";
import { createReservoir } from "./reservoir.ts";

/** What was counted of one version. */
export interface Tally {
  succeeded(latencyMs: number): void;
  failed(problem: string, requestId: string | null): void;
  /** Another version answered. */
  misrouted(answeredBy: string): void;
  measurement(): Measurement;
  /** Says that the override was ignored; empty when it never was. */
  misrouting(): readonly string[];
  /** That, and the most frequent failures, in words. */
  examples(): readonly string[];
}

/** Enough for any percentile, and sorted in a few milliseconds. */
const MAX_LATENCIES = 20_000;
/** More different failures than anybody reads. */
const MAX_PROBLEMS = 50;
const MAX_EXAMPLES = 5;
/** Beyond this share of answers from another version, the pinning does not work and nothing can be told. */
const MAX_MISROUTED = 0.05;

export function createTally(versionId: string, random: () => number): Tally {
  const latencies = createReservoir(MAX_LATENCIES, random);
  const problems = new Map<string, { count: number; readonly requestId: string | null }>();
  let [samples, errors, misrouted, lastAnsweredBy] = [0, 0, 0, ""];
  const isTrusted = (): boolean => misrouted <= MAX_MISROUTED * (samples + misrouted);
  const misrouting = (): readonly string[] =>
    misrouted === 0
      ? []
      : [
          `override ignored: ${misrouted} of ${samples + misrouted} answers asked of version ${versionId} came from another, lately ${lastAnsweredBy}${isTrusted() ? "" : "; so none of them counts"}`,
        ];

  return {
    succeeded(latencyMs) {
      samples++;
      latencies.add(latencyMs);
    },
    failed(problem, requestId) {
      samples++;
      errors++;
      const known = problems.get(problem);
      if (known !== undefined) known.count++;
      else if (problems.size < MAX_PROBLEMS) problems.set(problem, { count: 1, requestId });
    },
    misrouted(answeredBy) {
      misrouted++;
      lastAnsweredBy = answeredBy;
    },
    measurement: () =>
      isTrusted() ? { samples, errors, latenciesMs: latencies.values() } : { samples: 0, errors: 0, latenciesMs: [] },
    misrouting,
    examples: () => [
      ...misrouting(),
      ...[...problems]
        .toSorted(([, left], [, right]) => right.count - left.count)
        .slice(0, MAX_EXAMPLES)
        .map(([problem, { count, requestId }]) => describe(problem, count, requestId)),
    ],
  };
}

function describe(problem: string, count: number, requestId: string | null): string {
  const details = [...(count > 1 ? [`${count} times`] : []), ...(requestId === null ? [] : [`request ${requestId}`])];
  return details.length === 0 ? problem : `${problem} (${details.join(", ")})`;
}
