import type { Machine } from "../../../bench/report/machine.ts";

/** Some machine, for reports. */
export const MACHINE: Machine = {
  processors: 2,
  processor_model: "Model <X>",
  memory_gib: 8,
  kernel: "Linux",
  commit: "abc",
  node: "24",
  workerd: "1",
  postgresql: "18",
  load_tool: "wrk 4",
};
