import { atLeast, exactly } from "../distribution.ts";
import { type Accidents, type Bout, MOST, type Rates, resultOf, speak, weigh } from "../evidence.ts";
import type { GroupFacts } from "./facts.ts";

/** A fault of some size that is looked for. */
export interface Fault extends Rates {
  /** So many more events than this fault brings are an accident, or a graver fault, which has a test of its own; none when absent. */
  readonly isRare?: boolean;
}

/** Before anything was seen, one block in twenty is taken to be spoiled by weather of the new version alone. */
export const ACCIDENTS: Accidents = { spoiled: 1, of: 20 };
/** Of a rare fault's blocks, so many have more events than are counted for it. */
const BEYOND = 0.01;

/** Evidence that the fault is there, from blocks in order. */
export function test(facts: readonly GroupFacts[], fault: Fault, rejectFrom: number): number {
  return weigh(
    facts.flatMap((block) => boutOf(block, fault) ?? []),
    rejectFrom,
    ACCIDENTS,
  );
}

function boutOf(facts: GroupFacts, fault: Fault): Bout | null {
  const { requests, events, expected } = facts;
  if (requests === 0) return null;
  if (fault.isRare === true && events > mostOfRare(expected + requests * fault.faulty)) return null;
  const difference = events - expected;
  return { result: resultOf(Math.sign(difference) * Math.round(Math.abs(difference))), ...oddsOf(facts, fault) };
}

/** Events of one block beyond which more say no more. */
const MAX_EVENTS = 100;
/** Beyond what numbers can tell apart. */
const LEAST_PROBABILITY = 1e-12;

/** Probabilities of what the new version did: events come one by one (Poisson), at the old version's rate and the fault's together. */
function oddsOf({ requests, events, expected }: GroupFacts, { tolerated, faulty }: Rates): Rates {
  const scale = Math.min(1, MAX_EVENTS / (expected + requests * faulty));
  const most = mostOf(scale * (expected + requests * faulty));
  const count = Math.min(most, Math.floor(scale * events));
  const probability = (rate: number): number =>
    Math.max(LEAST_PROBABILITY, (count === most ? atLeast : exactly)(count, scale * (expected + requests * rate)));
  return { tolerated: probability(tolerated), faulty: probability(faulty) };
}

/** What a fault is expected to bring: what exceeds it speaks no louder. */
const mostOf = (expected: number): number => Math.max(1, Math.round(expected));

function mostOfRare(expected: number): number {
  let most = 1;
  while (atLeast(most + 1, expected) > BEYOND) most++;
  return most;
}

/** Quantile of the normal distribution for the probability with which a fault has to be found, 95 %. */
const POWER_QUANTILE = 1.645;
const LEAST_BLOCKS = 3;
const MAX_BLOCKS = 20_000;

/**
 * How many requests of the new version make it 95 % probable that a fault is found, in fair weather: the evidence is the sum of what
 * blocks say, which is nearly normal.
 * @param share of requests that fail
 * @param perBlock requests of the new version in a block
 * @returns Infinity when it would not be found however long one waits
 */
export function requestsNeeded(share: number, perBlock: number, fault: Fault, rejectFrom: number): number {
  const scale = Math.min(1, MAX_EVENTS / (perBlock * fault.faulty));
  const most = mostOf(scale * perBlock * fault.faulty);
  const outcomes = Array.from({ length: most + 1 }, (_, count) => ({
    count,
    probability: (count === most ? atLeast : exactly)(count, scale * perBlock * share),
    odds: oddsOf({ requests: perBlock, events: count / scale, expected: 0 }, fault),
  }));
  for (let blocks = LEAST_BLOCKS; blocks <= MAX_BLOCKS; blocks = Math.ceil(blocks * 1.02)) {
    const weather = ACCIDENTS.spoiled / (blocks + ACCIDENTS.of);
    let [mean, square] = [0, 0];
    for (const { count, probability, odds } of outcomes) {
      const says = Math.min(MOST * rejectFrom, speak(odds, count > 0 ? weather : 0));
      mean += probability * says;
      square += probability * says ** 2;
    }
    const deviation = Math.sqrt(Math.max(0, square - mean ** 2) * blocks);
    if (mean * blocks - POWER_QUANTILE * deviation >= rejectFrom) return Math.round(blocks * perBlock);
  }
  return Infinity;
}
