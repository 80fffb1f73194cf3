import type { Matrix } from "./matrix.ts";

/** Starting a process and asking it once. */
const START_SECONDS = 0.6;
/** Between two stretches of load. */
const PAUSE_SECONDS = 0.2;
const RESTORE_SECONDS = 0.8;

/** How long a matrix will take, in seconds. */
export function estimateSeconds({ scenarios, variants, connections, rounds, seconds, warmupSeconds }: Matrix): number {
  const perScenario = scenarios.map((scenario) => {
    const served = variants.filter(({ serves }) => serves(scenario)).length;
    const restore = scenario.isWriting ? RESTORE_SECONDS : 0;
    const perLoad = seconds + warmupSeconds + PAUSE_SECONDS + restore;
    return served * rounds * (START_SECONDS + restore + connections.length * perLoad);
  });
  return perScenario.reduce((sum, one) => sum + one, 0);
}
