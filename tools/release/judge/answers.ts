import type { BlockPair, Both } from "./block-pair.ts";
import { quantile, sort } from "./distribution.ts";
import { formatMs } from "./finding.ts";
import { MIN_SAMPLES } from "./limits.ts";

export function countAnswers(pairs: readonly BlockPair[]): Both<number> {
  const count = (side: keyof BlockPair): number => pairs.reduce((sum, pair) => sum + pair[side].succeededMs.length, 0);
  return { candidate: count("candidate"), baseline: count("baseline") };
}

/** Whether both versions gave enough answers to compare how long they took. */
export function isLatencyKnown({ candidate, baseline }: Both<number>): boolean {
  return Math.min(candidate, baseline) >= MIN_SAMPLES;
}

/**
 * How long the answers of each took, in milliseconds; NaN when there were none.
 * @param share 0.5 for the median
 */
export function quantiles(pairs: readonly BlockPair[], share: number): Both<number> {
  const of = (side: keyof BlockPair): number => quantile(sort(pairs.flatMap((pair) => pair[side].succeededMs)), share);
  return { candidate: of("candidate"), baseline: of("baseline") };
}

/** Milliseconds beyond which a time is too long beside another one. */
export const slowestAllowed = (ms: number, ratio: number, differenceMs: number): number =>
  Math.max(ms * ratio, ms + differenceMs);

export const describeTimes = ({ candidate, baseline }: Both<number>): string =>
  `${formatMs(candidate)}, ${formatMs(baseline)} on the old version`;
