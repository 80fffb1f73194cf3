import { findScenario } from "../scenarios/index.ts";
import { ROW_COUNT } from "../scenarios/rows.ts";
import type { BenchStack } from "../stack/stack.ts";
import { startApi } from "../variants/api.ts";
import { type Axis, USUAL_CONNECTIONS } from "./axis.ts";

/** API keys that are accepted. The refusal of a body asks no database, so that the check of the key is a large part of it. */
export const keysAxis = (stack: BenchStack): Axis => ({
  name: "keys",
  xLabel: "API keys",
  sizes: [1, 10, 100, 1_000],
  async prepare(keyCount) {
    const loads = ["get-by-id", "validation-error"].map((name) => ({
      curve: name,
      scenario: findScenario(name),
      connections: USUAL_CONNECTIONS,
      rows: ROW_COUNT,
    }));
    return { ...(await startApi(stack, { keyCount })), loads };
  },
});
