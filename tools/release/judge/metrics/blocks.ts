import { addCounts } from "../../metrics/counters.ts";
import type { RouteCounts, Tick, VersionCounts } from "../../metrics/observation.ts";

/** What both versions answered within some seconds, by method and route. */
export type MetricsBlock = Pick<Tick, "candidate" | "baseline">;

/** Batches of measurements come about once a second, and each version's by itself: in so long, both tell of the same time. */
const BLOCK_MS = 2_900;
/** Sums of ticks that were judged before, by the last tick of each block: the same ones are looked at every second. */
const known = new WeakMap<Tick, { readonly first: Tick; readonly block: MetricsBlock }>();

/** The ticks in blocks; what is left over waits for more. */
export function toBlocks(ticks: readonly Tick[]): readonly MetricsBlock[] {
  const blocks: MetricsBlock[] = [];
  let [start, ms] = [0, 0];
  for (const [place, last] of ticks.entries()) {
    ms += last.ms;
    const first = ticks[start];
    if (ms < BLOCK_MS || first === undefined) continue;
    const before = known.get(last);
    const block = before?.first === first ? before.block : sumTicks(ticks.slice(start, place + 1));
    known.set(last, { first, block });
    blocks.push(block);
    [start, ms] = [place + 1, 0];
  }
  return blocks;
}

export function sumTicks(ticks: readonly MetricsBlock[]): MetricsBlock {
  const of = (side: keyof MetricsBlock): VersionCounts => {
    const counts = new Map<string, RouteCounts>();
    for (const tick of ticks)
      for (const [route, more] of tick[side]) counts.set(route, addCounts(counts.get(route), more));
    return counts;
  };
  return { candidate: of("candidate"), baseline: of("baseline") };
}

/** Which routes are looked at together. */
export interface Group {
  readonly name: string;
  readonly has: (route: string) => boolean;
}

export const ALL: Group = { name: "all requests", has: () => true };

const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

/** Methods that change nothing (RFC 9110 section 9.2.1). */
export const isSafe = (route: string): boolean => SAFE_METHODS.some((method) => route.startsWith(`${method} `));

/** A method and a route by itself. */
export const groupOf = (name: string): Group => ({ name, has: (route) => route === name });

/** The routes that either version was asked for. */
export function routesOf(blocks: readonly MetricsBlock[]): readonly string[] {
  return [
    ...new Set(blocks.flatMap(({ candidate, baseline }) => [...candidate.keys(), ...baseline.keys()])),
  ].toSorted();
}

export function sumOf(
  counts: VersionCounts,
  has: Group["has"],
  what: "requests" | "failed" | "refused" | "heldUp",
): number {
  let sum = 0;
  for (const [route, one] of counts) if (has(route)) sum += one[what];
  return sum;
}
