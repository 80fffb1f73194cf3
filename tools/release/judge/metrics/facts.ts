import type { RouteCounts } from "../../metrics/observation.ts";
import type { Group, MetricsBlock } from "./blocks.ts";

export type Event = "failed" | "refused";

/** What one route's requests met in one block. */
export interface RouteFacts {
  readonly route: string;
  /** The new version's requests. */
  readonly requests: number;
  /** How many of them met the event. */
  readonly events: number;
  /** How many would have, at the old version's rate. */
  readonly expected: number;
  /** Of each version, requests and those that were held up. */
  readonly asked: Record<keyof MetricsBlock, Pick<RouteCounts, "requests" | "heldUp">>;
}

/** Of one block, by route. */
export type BlockFacts = readonly RouteFacts[];

/**
 * Sets the new version beside the old one, block by block and route by route, so that it does not matter which routes each of them was
 * asked for (direct standardization). The old version's rate is the one that it had in the same block, or has usually, whichever is higher:
 * a few requests seldom tell a rate.
 */
export function factsOf(blocks: readonly MetricsBlock[], event: Event): readonly BlockFacts[] {
  const usual = usualRates(blocks, event);
  return blocks.map(({ candidate, baseline }) =>
    [...new Set([...candidate.keys(), ...baseline.keys()])].map((route): RouteFacts => {
      const [newer, older] = [candidate.get(route) ?? NOTHING, baseline.get(route) ?? NOTHING];
      // One that was asked less than the new one says less: what it does usually fills it up.
      const missing = Math.max(0, newer.requests - older.requests);
      const usually = usual.get(route) ?? 0;
      const now = (older[event] + missing * usually) / Math.max(1, older.requests + missing);
      return {
        route,
        requests: newer.requests,
        events: newer[event],
        expected: newer.requests * Math.max(usually, now),
        asked: { candidate: newer, baseline: older },
      };
    }),
  );
}

const NOTHING: RouteCounts = { requests: 0, failed: 0, refused: 0, heldUp: 0, buckets: [] };

/** An event that might have been seen with a little luck: that there was none is no proof that there is none. */
const UNSEEN = 0.5;
/** A route that was asked so seldom is taken to be half like itself and half like all. */
const LIKE_ALL = 50;

/** Share of the old version's requests to each route that met the event, over the whole observation. */
function usualRates(blocks: readonly MetricsBlock[], event: Event): ReadonlyMap<string, number> {
  const sums = new Map<string, { events: number; requests: number }>();
  const all = { events: UNSEEN, requests: 1 };
  for (const { baseline } of blocks) {
    for (const [route, counts] of baseline) {
      const sum = sums.get(route) ?? { events: 0, requests: 0 };
      sums.set(route, { events: sum.events + counts[event], requests: sum.requests + counts.requests });
      all.events += counts[event];
      all.requests += counts.requests;
    }
  }
  const overall = all.events / all.requests;
  return new Map(
    [...sums].map(([route, { events, requests }]) => [route, (events + LIKE_ALL * overall) / (requests + LIKE_ALL)]),
  );
}

/** The new version's requests to a group of routes. */
export type GroupFacts = Pick<RouteFacts, "requests" | "events" | "expected">;

export function sumFacts(facts: BlockFacts, has: Group["has"]): GroupFacts {
  let [requests, events, expected] = [0, 0, 0];
  for (const one of facts) {
    if (!has(one.route)) continue;
    requests += one.requests;
    events += one.events;
    expected += one.expected;
  }
  return { requests, events, expected };
}

/** Share of requests of more than a second from which a version seems to have stood still: two seconds on end are enough for it. */
const HELD_UP_SHARE = 0.2;

/** Whether a version stood still: what hits all routes at once is the weather's, so that the routes in question do not count. */
export function isHeldUp(facts: BlockFacts, { has }: Group): boolean {
  const others = facts.filter(({ route }) => !has(route));
  const looked = others.length > 0 ? others : facts;
  return (["candidate", "baseline"] as const).some((side) => {
    let [requests, heldUp] = [0, 0];
    for (const { asked } of looked) {
      requests += asked[side].requests;
      heldUp += asked[side].heldUp;
    }
    return requests > 0 && heldUp >= HELD_UP_SHARE * requests;
  });
}
