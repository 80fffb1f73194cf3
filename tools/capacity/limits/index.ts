import { demandOf } from "../demand.ts";
import type { Scenario } from "../scenario.ts";
import { databaseLimits } from "./database-limits.ts";
import type { Limit } from "./limit.ts";
import { platformLimits } from "./platform-limits.ts";

export type { Limit } from "./limit.ts";

/** Every limit of a scenario, the one that comes first at the front. */
export function limitsOf(scenario: Scenario): readonly Limit[] {
  const demand = demandOf(scenario);
  return [...databaseLimits(scenario, demand), ...platformLimits(scenario, demand)].toSorted(
    (left, right) => compare(left.bindsAt, right.bindsAt) || compare(usedShare(right), usedShare(left)),
  );
}

/** The limit that comes first. */
export function firstLimitOf(scenario: Scenario): Limit {
  const [first] = limitsOf(scenario);
  if (first === undefined) throw new Error("a scenario without limits");
  return first;
}

function usedShare({ used, capacity }: Limit): number {
  return used / capacity;
}

/** Differences will not do: infinity minus infinity is not a number. */
function compare(left: number, right: number): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
