import type { Tick } from "../../metrics/observation.ts";
import { type Group, groupOf, isSafe, routesOf, sumOf } from "./blocks.ts";
import { type BlockFacts, factsOf, isHeldUp } from "./facts.ts";

/** Ticks in a row, and requests in them, that are no accident: no burst of failures of a sound version lasts so long at such a share. */
const MIN_TICKS = 4;
/** So many ticks reach back to where a breakdown can have begun that was not found before, at a request in two seconds. */
const RECENT = 30;
const MIN_REQUESTS = 12;
const BROKEN_SHARE = 0.4;
/** While so few of what the old version is asked fail. */
const SOUND_SHARE = 0.1;

/** Says that the new version fails much of what a route, or all writing, is asked for, while the old one works; null when it does not. */
export function findMetricsBreakdown(ticks: readonly Tick[]): string | null {
  const writes: Group = { name: "writes", has: (route) => !isSafe(route) };
  // What is older has been looked at before.
  const recent = ticks.slice(-RECENT);
  const facts = factsOf(recent, "failed");
  for (const group of [...routesOf(recent).map(groupOf), writes]) {
    const found = findIn(recent, facts, group);
    if (found !== null) return found;
  }
  return null;
}

function findIn(ticks: readonly Tick[], facts: readonly BlockFacts[], group: Group): string | null {
  let [count, failed, requests] = [0, 0, 0];
  for (const [place, tick] of ticks.entries()) {
    const asked = sumOf(tick.candidate, group.has, "requests");
    // A tick in which a version stood still, or nobody asked, says nothing.
    if (asked === 0 || isHeldUp(facts[place] ?? [], group)) continue;
    const failures = sumOf(tick.candidate, group.has, "failed");
    const isBroken = failures >= BROKEN_SHARE * asked && isSound(tick);
    [count, failed, requests] = isBroken ? [count + 1, failed + failures, requests + asked] : [0, 0, 0];
    if (count >= MIN_TICKS && requests >= MIN_REQUESTS)
      return `${group.name}: ${failed} of ${requests} requests were answered with 5xx within ${count} s, while the old version answered`;
  }
  return null;
}

function isSound({ baseline }: Tick): boolean {
  const all = (): boolean => true;
  return sumOf(baseline, all, "failed") <= SOUND_SHARE * sumOf(baseline, all, "requests");
}
