import type { BlockPair, Reading } from "./block-pair.ts";
import { countingBout, weigh } from "./evidence.ts";
import { formatRate, type Finding } from "./finding.ts";
import type { Limits } from "./limits.ts";

/** Share of requests, beyond what is tolerated, of the fault that is looked for; a larger one is found sooner. */
const FAULT_RATE = 0.03;
/** Share of failed requests of both versions from which the service counts as down. */
const OUTAGE_RATE = 0.1;

/** Whether more of the new version's requests failed, in more seconds, than chance and weather explain. */
export function compareErrors(calm: readonly BlockPair[], { toleratedErrorRate }: Limits): Finding {
  const rates = { tolerated: toleratedErrorRate, faulty: toleratedErrorRate + FAULT_RATE };
  const bouts = calm.map(({ candidate, baseline }) =>
    countingBout(rateOf(candidate) - rateOf(baseline), candidate.samples, rates),
  );
  return { evidence: weigh(bouts), describe: () => describe(calm) };
}

/**
 * Says that both versions fail so often that the service is down; null when it is not. It need not be the new version's
 * fault, but nothing can be learned about it either, and it may be: one that uses up what both share looks just like this.
 */
export function findOutage(calm: readonly BlockPair[]): string | null {
  const [failed, failedBefore] = totals(calm);
  if (rateOf(failed) < OUTAGE_RATE || rateOf(failedBefore) < OUTAGE_RATE) return null;
  return `both versions fail, so the new one cannot be judged: ${describe(calm)}`;
}

type Counts = Pick<Reading, "errors" | "samples">;

/** 0 when there is nothing to take a share of. */
const rateOf = ({ errors, samples }: Counts): number => (samples === 0 ? 0 : errors / samples);

function totals(pairs: readonly BlockPair[]): readonly [candidate: Counts, baseline: Counts] {
  const sum = (readings: readonly Reading[]): Counts => ({
    errors: readings.reduce((total, { errors }) => total + errors, 0),
    samples: readings.reduce((total, { samples }) => total + samples, 0),
  });
  return [sum(pairs.map(({ candidate }) => candidate)), sum(pairs.map(({ baseline }) => baseline))];
}

function describe(pairs: readonly BlockPair[]): string {
  const [failed, failedBefore] = totals(pairs);
  const before = failedBefore.errors === 0 ? "" : ` (${formatRate(rateOf(failedBefore))})`;
  return `${failed.errors} of ${failed.samples} requests failed (${formatRate(rateOf(failed))}), ${failedBefore.errors} of ${failedBefore.samples}${before} on the old version`;
}
