import { describeTimes, quantiles, slowestAllowed } from "./answers.ts";
import type { BlockPair, Reading } from "./block-pair.ts";
import { countingBout, type Rates, weigh } from "./evidence.ts";
import type { Finding } from "./finding.ts";
import type { Limits } from "./limits.ts";

const TAIL = 0.95;
/** Share of very slow answers that is tolerated, and that of the fault that is looked for. */
const RATES: Rates = { tolerated: 0.02, faulty: 0.1 };
/** A new version starts in several places at once; later on, a slow answer is a slow answer. */
const COLD_SECONDS = 2;

/**
 * Whether more answers of the new version were very slow, in more seconds, than chance and weather explain. What is very
 * slow is read off the old version's tail, so there have to be many answers.
 */
export function compareTails(calm: readonly BlockPair[], { tailRatio, tailDifferenceMs }: Limits): Finding {
  const warm = calm.slice(COLD_SECONDS);
  const tails = quantiles(warm, TAIL);
  const limitMs = slowestAllowed(tails.baseline, tailRatio, tailDifferenceMs);
  const bouts = warm.map(({ candidate, baseline }) =>
    countingBout(shareAbove(limitMs, candidate) - shareAbove(limitMs, baseline), candidate.samples, RATES),
  );
  return { evidence: weigh(bouts), describe: () => `95 % of answers took at most ${describeTimes(tails)}` };
}

function shareAbove(limitMs: number, { succeededMs, samples }: Reading): number {
  return succeededMs.filter((ms) => ms > limitMs).length / samples;
}
