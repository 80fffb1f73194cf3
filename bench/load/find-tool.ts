import { UsageError } from "../../tools/command/usage-error.ts";
import { createAutocannon } from "./autocannon.ts";
import type { LoadTool } from "./load.ts";
import { findWrk } from "./wrk.ts";

/**
 * The load tool that was asked for; without a wish wrk where it is installed, for it takes least from what it measures.
 * @throws UsageError when wrk was asked for and is not installed
 */
export function findLoadTool(wish: LoadTool["name"] | null, folder: string): LoadTool {
  const wrk = wish === "autocannon" ? null : findWrk(folder);
  if (wrk === null && wish === "wrk") throw new UsageError("wrk is not installed; autocannon comes with the project.");
  return wrk ?? createAutocannon(folder);
}
