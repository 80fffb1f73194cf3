import { UsageError } from "../../tools/command/usage-error.ts";
import type { LoadTool } from "./load.ts";
import { findWrk } from "./wrk.ts";

/** The load tool that was asked for; without a wish, the one that takes least from what it measures. */
export function findLoadTool(wish: LoadTool["name"] | null, folder: string): LoadTool {
  const wrk = wish === "autocannon" ? null : findWrk(folder);
  if (wrk !== null) return wrk;
  throw new UsageError("wrk is not installed");
}
