import type { Comparison, Measurement } from "../measure/measurement.ts";
import { countAbove, quantile, rankTest, sort, type Sorted } from "./distribution.ts";
import { formatMs, type Finding } from "./finding.ts";
import { leastIncrease, type Share, wilsonInterval } from "./intervals.ts";
import type { Limits } from "./limits.ts";

/** Below so many answers the rank test's normal approximation does not hold. */
const MIN_ANSWERS = 20;
const TAIL = 0.95;

/** Whether both versions gave enough answers to compare how long they took. */
export const isLatencyKnown = ({ candidate, baseline }: Comparison): boolean =>
  Math.min(candidate.latenciesMs.length, baseline.latenciesMs.length) >= MIN_ANSWERS;

/** Whether the new version takes longer than the old one, in the middle and in the tail of the distribution. */
export function compareLatency(comparison: Comparison, limits: Limits): readonly Finding[] {
  if (!isLatencyKnown(comparison)) {
    return [{ isBad: false, sentence: "too few answers to compare how long they took" }];
  }
  const { candidate, baseline } = comparison;
  const [now, before] = [sort(candidate.latenciesMs), sort(baseline.latenciesMs)];
  return [compareMedian(now, before, limits), compareTail(candidate, baseline, limits)];
}

/** The ratio says whether it matters, the rank test whether it is more than chance. */
function compareMedian(now: Sorted, before: Sorted, limits: Limits): Finding {
  const [median, medianBefore] = [quantile(now, 0.5), quantile(before, 0.5)];
  const isLarge = median > slowestAllowed(medianBefore, limits.medianRatio, limits.medianDifferenceMs);
  return {
    isBad: isLarge && rankTest(now, before) > limits.latencyZScore,
    sentence: `the median answer took ${describe(median, medianBefore)}`,
  };
}

/**
 * Whether clearly more than 5 % of requests take longer than the old version's 95 % may become, and more of them than of
 * the old version's: where about one in twenty takes very long anyway, its 95 % are too uncertain to go by alone.
 */
function compareTail(candidate: Measurement, baseline: Measurement, limits: Limits): Finding {
  const [now, before] = [sortWarm(candidate, limits), sortWarm(baseline, limits)];
  const [tail, tailBefore] = [quantile(now, TAIL), quantile(before, TAIL)];
  const limitMs = slowestAllowed(tailBefore, limits.tailRatio, limits.tailDifferenceMs);
  const slow = shareAbove(now, limitMs);
  const isLong = wilsonInterval(slow, limits.tailZScore).lower > 1 - TAIL;
  return {
    isBad: isLong && leastIncrease(slow, shareAbove(before, limitMs), limits.latencyZScore) > 0,
    sentence: `95 % of answers took at most ${describe(tail, tailBefore)}`,
  };
}

/** Without the first requests, of both versions alike: connections and caches are new to either. */
const sortWarm = ({ latenciesMs }: Measurement, { coldRequests }: Limits): Sorted =>
  sort(latenciesMs.slice(coldRequests));

const shareAbove = (sorted: Sorted, limitMs: number): Share => ({
  count: countAbove(sorted, limitMs),
  of: sorted.length,
});

const slowestAllowed = (ms: number, ratio: number, differenceMs: number): number =>
  Math.max(ms * ratio, ms + differenceMs);

const describe = (ms: number, msBefore: number): string => `${formatMs(ms)}, ${formatMs(msBefore)} on the old version`;
