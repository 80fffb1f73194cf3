import { MIXED } from "./mixed.ts";
import { READS } from "./reads.ts";
import { REFUSALS } from "./refusals.ts";
import type { Scenario } from "./scenario.ts";
import { WRITES } from "./writes.ts";

/** Every kind of load, in the order of the report. */
export const SCENARIOS: readonly Scenario[] = [...READS, ...WRITES, ...REFUSALS, MIXED];
