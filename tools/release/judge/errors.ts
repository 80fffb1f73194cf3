import type { Comparison, Measurement } from "../measure/measurement.ts";
import { formatRate, type Finding } from "./finding.ts";
import { leastIncrease, rateOf, type Share } from "./intervals.ts";
import type { Limits } from "./limits.ts";

/** Whether the new version fails more often than the old one, beyond chance and tolerance. */
export function compareErrors({ candidate, baseline }: Comparison, isOver: boolean, limits: Limits): Finding {
  const [failed, failedBefore] = [toShare(candidate), toShare(baseline)];
  const evidence = chooseEvidence(failedBefore, isOver, limits);
  return {
    isBad: leastIncrease(failed, failedBefore, evidence) > limits.maxErrorRateIncrease,
    sentence: describe(failed, failedBefore),
  };
}

function chooseEvidence(failedBefore: Share, isOver: boolean, limits: Limits): number {
  if (rateOf(failedBefore) <= limits.maxErrorRateIncrease) return limits.errorZScore;
  return isOver ? limits.errorZScoreAfterOutage : limits.errorZScoreInOutage;
}

/**
 * Whether both versions fail so often that the service is down. It need not be the new version's fault, but nothing can
 * be learned about it either, and it may be: a version that uses up what both share looks just like this.
 */
export function findOutage({ candidate, baseline }: Comparison, { outageErrorRate }: Limits): Finding {
  const [failed, failedBefore] = [toShare(candidate), toShare(baseline)];
  return {
    isBad: rateOf(failed) >= outageErrorRate && rateOf(failedBefore) >= outageErrorRate,
    sentence: `both versions fail, so the new one cannot be judged: ${describe(failed, failedBefore)}`,
  };
}

const toShare = ({ errors, samples }: Measurement): Share => ({ count: errors, of: samples });

function describe(failed: Share, failedBefore: Share): string {
  const before = failedBefore.count === 0 ? "" : ` (${formatRate(rateOf(failedBefore))})`;
  return `${failed.count} of ${failed.of} requests failed (${formatRate(rateOf(failed))}), ${failedBefore.count} of ${failedBefore.of}${before} on the old version`;
}
