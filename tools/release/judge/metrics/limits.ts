import type { Rates } from "../evidence.ts";
import type { Fault } from "./sequential-test.ts";

/**
 * Faults that are looked for among 5xx answers, from one request in five hundred to most of them, each beside what is tolerated beyond
 * the old version. One version may be both: each has a test of its own.
 */
export const FAILURES: readonly Fault[] = [
  { tolerated: 0.0001, faulty: 0.002, isRare: true },
  // As the probes tolerate.
  { tolerated: 0.005, faulty: 0.03 },
  { tolerated: 0.05, faulty: 0.5 },
];

/** Clients decide about 4xx as much as the version does: only a large share more is a fault. */
export const REFUSALS: Fault = { tolerated: 0.05, faulty: 0.3 };

/** The share of requests that the rarest fault meets that is looked for. */
export const RAREST = 0.002;

/** Probability that a spell of a sound version is too slow, and of one that is too slow, as the probes have them. */
export const SLOW_SPELL: Rates = { tolerated: 0.19, faulty: 0.7 };
/** Answers of each version of which the times are compared. */
export const SPELL_ANSWERS = 24;
/** Share of answers beyond a bound, more than the tolerance explains, that makes a spell too slow. */
export const SLOW_SHARE = 0.25;

/** How often a release may call a sound version faulty by all requests together or all writes, and by any single route. */
const FALSE_ALARMS = 0.0003;
const FALSE_ALARMS_OF_ROUTES = 0.0003;
const MISSES = 0.05;

export const REJECT_FROM = Math.log((1 - MISSES) / FALSE_ALARMS);
/** Every route is one more way to err. */
export const rejectRouteFrom = (routes: number): number =>
  Math.log(((1 - MISSES) * Math.max(1, routes)) / FALSE_ALARMS_OF_ROUTES);
/** Evidence that is worth to be waited for: ten to one speak for a fault. */
export const DOUBT_FROM = Math.log(10);
