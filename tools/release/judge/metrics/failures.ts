import type { Finding } from "../finding.ts";
import { ALL, type Group, groupOf, isSafe, type MetricsBlock, routesOf } from "./blocks.ts";
import { type BlockFacts, type Event, factsOf, isHeldUp, sumFacts } from "./facts.ts";
import { formatShares } from "./format.ts";
import { FAILURES, REFUSALS, REJECT_FROM, rejectRouteFrom } from "./limits.ts";
import { type Fault, test } from "./sequential-test.ts";

/** A finding with the evidence from which it is a fault. */
export interface MetricsFinding extends Finding {
  /** Of the routes it is about. */
  readonly name: string;
  readonly rejectFrom: number;
}

const WRITES: Group = { name: "writes", has: (route) => !isSafe(route) };
/** What no template matched: what is asked for there is the clients' affair. */
const UNKNOWN = " other";

/** Whether the new version answers more requests with 5xx than the old one's rates explain: all of them, writes, and each route. */
export function compareFailures(blocks: readonly MetricsBlock[]): readonly MetricsFinding[] {
  const routes = routesOf(blocks);
  const facts = factsOf(blocks, "failed");
  const compare = (group: Group, rejectFrom: number) =>
    findingOf(blocks, facts, { group, rejectFrom, event: "failed", faults: FAILURES });
  return [
    compare(ALL, REJECT_FROM),
    ...(routes.some(WRITES.has) ? [compare(WRITES, REJECT_FROM)] : []),
    ...routes.map((route) => compare(groupOf(route), rejectRouteFrom(routes.length))),
  ];
}

/** Whether the new version refuses (4xx) a large share more of the requests to a route than the old one does. */
export function compareRefusals(blocks: readonly MetricsBlock[]): readonly MetricsFinding[] {
  // Without an old version to compare with, nobody knows what is right.
  const known = new Set(blocks.flatMap(({ baseline }) => [...baseline.keys()]));
  const routes = [...known].filter((route) => !route.endsWith(UNKNOWN));
  const facts = factsOf(blocks, "refused");
  const rejectFrom = rejectRouteFrom(routes.length);
  return routes.map((route) =>
    findingOf(blocks, facts, { group: groupOf(route), rejectFrom, event: "refused", faults: [REFUSALS] }),
  );
}

interface Question {
  readonly group: Group;
  readonly rejectFrom: number;
  readonly event: Event;
  readonly faults: readonly Fault[];
}

function findingOf(
  blocks: readonly MetricsBlock[],
  facts: readonly BlockFacts[],
  { group, rejectFrom, event, faults }: Question,
): MetricsFinding {
  const isShared = group === ALL || event === "refused" ? () => false : (block: BlockFacts) => hitsOthers(block, group);
  const excesses = facts
    .filter((block) => !isHeldUp(block, group) && !isShared(block))
    .map((block) => sumFacts(block, group.has));
  return {
    name: group.name,
    rejectFrom,
    evidence: Math.max(...faults.map((fault) => test(excesses, fault, rejectFrom))),
    describe: () => `${group.name}: ${formatShares(blocks, group, event)}`,
  };
}

/** What hits other routes in the same seconds is for the comparison of all requests to judge. */
function hitsOthers(facts: BlockFacts, { has }: Group): boolean {
  const { events, expected } = sumFacts(facts, (route) => !has(route));
  return events > 0 && events - expected >= 0.5;
}
