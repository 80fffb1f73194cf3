import { ALL, type MetricsBlock, sumOf } from "./blocks.ts";
import { FAILURES, REJECT_FROM } from "./limits.ts";
import { requestsNeeded } from "./sequential-test.ts";

/** Of the new version. */
export const countRequests = (blocks: readonly Pick<MetricsBlock, "candidate">[]): number =>
  blocks.reduce((sum, { candidate }) => sum + sumOf(candidate, ALL.has, "requests"), 0);

/**
 * How many requests of the new version make it 95 % probable that a fault is found which meets such a share of them.
 * @param perBlock requests of the new version in three seconds
 */
export const requestsToFind = (share: number, perBlock: number): number =>
  Math.min(...FAILURES.map((fault) => requestsNeeded(share, perBlock, fault, REJECT_FROM)));

/** Blocks that tell how many requests come at present. */
const RECENT = 10;

/** The same at the present rate; Infinity when nobody asks. */
export function neededAt(share: number, blocks: readonly MetricsBlock[]): number {
  const recent = blocks.slice(-RECENT);
  const perBlock = countRequests(recent) / recent.length;
  return perBlock > 0 ? requestsToFind(share, perBlock) : Infinity;
}

/** Says whether the new version was asked often enough. */
export function describePower(seen: number, needed: number, share: number): string {
  const fault = `a fault of one request in ${Math.round(1 / share)}`;
  if (seen >= needed) return `the new version answered ${seen} requests, enough to find ${fault}`;
  const wanted = Number.isFinite(needed) ? `, which takes about ${needed}` : "";
  return `the new version answered ${seen} requests, too few to find ${fault}${wanted}`;
}

/** For the plan: at ten requests a second of the new version. */
const USUAL_PER_BLOCK = 30;

/** How many requests faults of several sizes take. */
export function describeNeeds(findOneIn: number): string {
  const sizes = [...new Set([findOneIn, 100, 20])].filter((size) => size > 1 && size <= findOneIn);
  const needs = sizes.map((size) => `${requestsToFind(1 / size, USUAL_PER_BLOCK)} for one in ${size}`);
  return `a fault takes about so many requests of the new version: ${needs.join(", ")}`;
}
