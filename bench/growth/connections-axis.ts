import { findScenario } from "../scenarios/index.ts";
import { ROW_COUNT } from "../scenarios/rows.ts";
import type { BenchStack } from "../stack/stack.ts";
import { startApi } from "../variants/api.ts";
import type { Axis } from "./axis.ts";

/** Connections that send at once. */
export const connectionsAxis = (stack: BenchStack): Axis => ({
  name: "connections",
  xLabel: "connections at once",
  sizes: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  async prepare(connections) {
    const scenario = findScenario("get-by-id");
    return { ...(await startApi(stack)), loads: [{ curve: scenario.name, scenario, connections, rows: ROW_COUNT }] };
  },
});
