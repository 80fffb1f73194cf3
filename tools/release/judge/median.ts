import { countAnswers, describeTimes, quantiles, slowestAllowed } from "./answers.ts";
import type { BlockPair } from "./block-pair.ts";
import { type Bout, type Rates, resultOf, weigh } from "./evidence.ts";
import type { Finding } from "./finding.ts";
import type { Limits } from "./limits.ts";

const MEDIAN = 0.5;
/** Answers of each version of which the medians are compared: three seconds with one API key, one with three or more. */
const SPELL_ANSWERS = 24;
/**
 * Probability that the median of a sound version is too slow in such a time, and that of one that is too slow. Noise alone
 * makes fewer; it is so many because a version that gets less of a busy machine for a while is slow for two or three in a
 * row. So five in a row are enough to reject, and four are not.
 */
const BY_FEW: Rates = { tolerated: 0.19, faulty: 0.7 };
/** A median of so many answers moves less by itself: four in a row are enough. */
const MANY_ANSWERS = 40;
const BY_MANY: Rates = { tolerated: 0.15, faulty: 0.8 };

/** Whether the new version's median is too slow more often than noise and weather explain. */
export function compareMedians(calm: readonly BlockPair[], limits: Limits): Finding {
  const bouts = toSpells(calm).map((spell): Bout => {
    const result = compareSpell(spell, limits);
    const { tolerated, faulty } = oddsOf(spell);
    return result === "worse"
      ? { result, tolerated, faulty }
      : { result, tolerated: 1 - tolerated, faulty: 1 - faulty };
  });
  return { evidence: weigh(bouts), describe: () => `the median answer took ${describeTimes(quantiles(calm, MEDIAN))}` };
}

function oddsOf(spell: readonly BlockPair[]): Rates {
  const { candidate, baseline } = countAnswers(spell);
  return Math.min(candidate, baseline) < MANY_ANSWERS ? BY_FEW : BY_MANY;
}

/** Those that are whole: as many seconds as usually give answers enough for a median. */
function toSpells(calm: readonly BlockPair[]): readonly (readonly BlockPair[])[] {
  const answers = countAnswers(calm);
  const perSecond = Math.min(answers.candidate, answers.baseline) / calm.length;
  const seconds = Math.max(1, Math.round(SPELL_ANSWERS / perSecond));
  const count = Math.floor(calm.length / seconds);
  return Array.from({ length: count }, (_, place) => calm.slice(place * seconds, (place + 1) * seconds));
}

function compareSpell(spell: readonly BlockPair[], { medianRatio, medianDifferenceMs }: Limits): Bout["result"] {
  const { candidate, baseline } = quantiles(spell, MEDIAN);
  const isSlower = (one: number, other: number): boolean =>
    one > slowestAllowed(other, medianRatio, medianDifferenceMs);
  return resultOf(Number(isSlower(candidate, baseline)) - Number(isSlower(baseline, candidate)));
}
