import { MIXED } from "./mixed.ts";
import { READS } from "./reads.ts";
import { REFUSALS } from "./refusals.ts";
import type { Scenario } from "./scenario.ts";
import { WRITES } from "./writes.ts";

/** Every kind of load, in the order of the report. */
export const SCENARIOS: readonly Scenario[] = [...READS, ...WRITES, ...REFUSALS, MIXED];

/** The scenario with this name; throws when there is none. */
export function findScenario(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${name}`);
  return found;
}
