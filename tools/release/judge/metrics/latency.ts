import { addCounts } from "../../metrics/counters.ts";
import type { RouteCounts } from "../../metrics/observation.ts";
import { type Bout, type Rates, resultOf, weigh } from "../evidence.ts";
import type { Limits } from "../limits.ts";
import { groupOf, type MetricsBlock, routesOf } from "./blocks.ts";
import { factsOf, isHeldUp } from "./facts.ts";
import type { MetricsFinding } from "./failures.ts";
import { rejectRouteFrom, SLOW_SHARE, SLOW_SPELL, SPELL_ANSWERS } from "./limits.ts";
import { ACCIDENTS } from "./sequential-test.ts";

/**
 * Whether the new version takes longer than the old one, beyond the tolerance, route by route. A histogram tells how many answers took
 * longer than each of its bounds, and no more. So those beyond a bound are compared with those of the old version beyond the next
 * bound that is within the tolerance of it: a version that is within the tolerance is never called slow, and one that is not is seen
 * when its answers pass the bound.
 */
export function compareLatencies(
  blocks: readonly MetricsBlock[],
  boundsMs: readonly number[],
  limits: Limits,
): readonly MetricsFinding[] {
  const routes = routesOf(blocks);
  const pairs = pairBounds(boundsMs, limits);
  const facts = factsOf(blocks, "failed");
  return routes.map((route) => {
    const isCalm = (_: MetricsBlock, place: number): boolean => !isHeldUp(facts[place] ?? [], groupOf(route));
    const spells = toSpells(blocks.filter(isCalm), route);
    const rejectFrom = rejectRouteFrom(routes.length);
    return {
      name: route,
      rejectFrom,
      evidence:
        spells.length === 0
          ? 0
          : weigh(
              spells.map((spell) => boutOf(spell, pairs)),
              rejectFrom,
              ACCIDENTS,
            ),
      describe: () => `${route}: ${describeSlow(spells, boundsMs, pairs)}`,
    };
  });
}

/** Places of two bounds: answers beyond the first, and what they are compared with. */
type BoundPair = readonly [place: number, within: number];

function pairBounds(boundsMs: readonly number[], { medianRatio, medianDifferenceMs }: Limits): readonly BoundPair[] {
  return boundsMs.flatMap((bound, place): readonly BoundPair[] => {
    const limit = Math.min(bound / medianRatio, bound - medianDifferenceMs);
    const within = boundsMs.findLastIndex((other) => other <= limit);
    return within < 0 ? [] : [[place, within]];
  });
}

interface Spell {
  readonly candidate: RouteCounts;
  readonly baseline: RouteCounts;
}

/** Blocks together until both versions have given enough answers; what is left over waits for more. */
function toSpells(blocks: readonly MetricsBlock[], route: string): readonly Spell[] {
  const spells: Spell[] = [];
  let open: { candidate?: RouteCounts; baseline?: RouteCounts } = {};
  for (const block of blocks) {
    const [newer, older] = [block.candidate.get(route), block.baseline.get(route)];
    if (newer === undefined || older === undefined) continue;
    const sum = { candidate: addCounts(open.candidate, newer), baseline: addCounts(open.baseline, older) };
    const isEnough = Math.min(countOf(sum.candidate), countOf(sum.baseline)) >= SPELL_ANSWERS;
    if (isEnough) spells.push(sum);
    open = isEnough ? {} : sum;
  }
  return spells;
}

const countOf = ({ buckets }: Pick<RouteCounts, "buckets">): number => buckets.reduce((sum, count) => sum + count, 0);

function boutOf({ candidate, baseline }: Spell, pairs: readonly BoundPair[]): Bout {
  const isSlower = (one: RouteCounts, other: RouteCounts): boolean =>
    pairs.some(([place, within]) => shareBeyond(one, place) - shareBeyond(other, within) >= SLOW_SHARE);
  const result = resultOf(Number(isSlower(candidate, baseline)) - Number(isSlower(baseline, candidate)));
  return { result, ...(result === "worse" ? SLOW_SPELL : opposite(SLOW_SPELL)) };
}

const opposite = ({ tolerated, faulty }: Rates): Rates => ({ tolerated: 1 - tolerated, faulty: 1 - faulty });

function shareBeyond(counts: Pick<RouteCounts, "buckets">, place: number): number {
  const beyond = counts.buckets.slice(place + 1).reduce((sum, count) => sum + count, 0);
  return beyond / countOf(counts);
}

/** At the bound where the versions differ most. */
function describeSlow(spells: readonly Spell[], boundsMs: readonly number[], pairs: readonly BoundPair[]): string {
  const add = (side: keyof Spell): Pick<RouteCounts, "buckets"> => ({
    buckets: [...boundsMs, Infinity].map((_, place) =>
      spells.reduce((sum, spell) => sum + (spell[side].buckets[place] ?? 0), 0),
    ),
  });
  const [candidate, baseline] = [add("candidate"), add("baseline")];
  const differenceAt = ([place, within]: BoundPair): number =>
    shareBeyond(candidate, place) - shareBeyond(baseline, within);
  const [worst] = pairs.toSorted((left, right) => differenceAt(right) - differenceAt(left));
  if (worst === undefined || spells.length === 0) return "too few answers to compare times";
  const percent = (counts: Pick<RouteCounts, "buckets">, place: number): string =>
    `${(shareBeyond(counts, place) * 100).toFixed(0)} %`;
  const [place, within] = worst;
  return `${percent(candidate, place)} of answers took more than ${boundsMs[place]} ms, ${percent(baseline, within)} more than ${boundsMs[within]} ms on the old version`;
}
