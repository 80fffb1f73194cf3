import { atLeast, exactly } from "./distribution.ts";

/** How the new version did beside the old one in one block of time. */
export interface Bout {
  readonly result: "worse" | "even" | "better";
  /** Probability that a version which is just within the tolerance does what the new one did. */
  readonly tolerated: number;
  /** The same for one with the fault that is looked for. */
  readonly faulty: number;
}

/** As a bout has them, of one request. */
export type Rates = Pick<Bout, "tolerated" | "faulty">;

/** How often a window may call a version that is just within the tolerance faulty, however often it is looked at. */
const FALSE_ALARMS = 0.0015;
/** How often it may call one with the fault sound, given the time that it asks for. */
const MISSES = 0.05;

/** Evidence from which a version is faulty, and up to which it is sound; in between more time is needed. */
export const REJECT_FROM = Math.log((1 - MISSES) / FALSE_ALARMS);
export const ACCEPT_UP_TO = Math.log(MISSES / (1 - FALSE_ALARMS));
/** The same when there is no more time: 90 to 1 speak for the fault. What is not decided by then is mostly weather. */
export const LAST_ACCEPT_UP_TO = Math.log(90);
/** Good conduct counts for no more than bad: else a fault that comes late in a long bake would be forgiven for long. */
const FLOOR = -1;
/** One block never speaks for half of what a rejection needs: a burst of failures is one accident, and meets two of them. */
export const MOST = 0.49;

/**
 * Evidence for a fault: the logarithm of how many times likelier the results are with it than without. This is Wald's
 * sequential probability ratio test (Annals of Mathematical Statistics 16, 1945), made to look after every block, with
 * Page's floor (Biometrika 41, 1954). Blocks count, not requests, for requests of the same moment share its weather. How
 * often weather makes a sound version do worse is read off the old version, which does worse as often by the same weather.
 * @param rejectFrom evidence from which the version is rejected
 * @param accidents bouts that weather is taken to have spoiled before anything was seen, of so many
 */
export function weigh(bouts: readonly Bout[], rejectFrom = REJECT_FROM, accidents: Accidents = NONE): number {
  const better = bouts.filter(({ result }) => result === "better").length;
  const weather = (better + accidents.spoiled) / (bouts.length + accidents.of);
  return bouts.reduce((evidence, bout) => {
    const change = Math.min(MOST * rejectFrom, speak(bout, bout.result === "worse" ? weather : 0));
    return Math.max(FLOOR * rejectFrom, evidence + change);
  }, 0);
}

/** Spoiled bouts, of so many. */
export interface Accidents {
  readonly spoiled: number;
  readonly of: number;
}

const NONE: Accidents = { spoiled: 0, of: 0 };

/** What one bout says, if weather alone makes it so with that probability. */
export function speak({ tolerated, faulty }: Omit<Bout, "result">, weather: number): number {
  const underWeather = (probability: number): number => weather + (1 - weather) * probability;
  return Math.log(underWeather(faulty) / underWeather(tolerated));
}

/** Requests of the same moment share its weather: beyond so many, more of them tell nothing more. */
const MAX_REQUESTS = 200;

/**
 * A bout of requests, a share of which met something bad. As many more than on the old version count as the fault would
 * bring, and no more: what exceeds it speaks no louder.
 * @param excess by how much the new version's share exceeds the old one's, or falls short of it
 * @param rates share of requests that meets it, within the tolerance and with the fault
 */
export function countingBout(excess: number, requests: number, rates: Rates): Bout {
  const counted = Math.min(MAX_REQUESTS, requests);
  const difference = Math.round(excess * counted);
  const most = Math.max(1, Math.round(counted * rates.faulty));
  const count = Math.min(most, Math.max(0, difference));
  const probability = (rate: number): number => (count === most ? atLeast : exactly)(count, counted * rate);
  return {
    result: resultOf(difference),
    tolerated: probability(rates.tolerated),
    faulty: probability(rates.faulty),
  };
}

/** The result of a bout in which less is better, by how much the new version exceeds the old one. */
export function resultOf(difference: number): Bout["result"] {
  if (difference > 0) return "worse";
  return difference < 0 ? "better" : "even";
}
