import { readFileSync } from "node:fs";

import { childrenOf, commandOf } from "../../process/processes.ts";

/**
 * How long the runtimes that serve versions had something to do and got no processor for it. A control that does nothing does not
 * feel this: whoever needs little of a busy processor gets it at once, and whoever needs half of it does not.
 */
export interface StarvationWatch {
  /** Since the last look, the worst of them: share of the time, 0 to 1. 0 where the system does not tell. */
  look(now: number): number;
}

export function watchStarvation(parentPid: number): StarvationWatch {
  let last: { readonly at: number; readonly waitedMs: ReadonlyMap<number, number> } | null = null;
  return {
    look(now) {
      const runtimes = childrenOf(parentPid).filter((pid) => commandOf(pid)?.includes("workerd") === true);
      const waitedMs = new Map(runtimes.map((pid) => [pid, readWaitedMs(pid)]));
      const before = last;
      last = { at: now, waitedMs };
      if (before === null || now <= before.at) return 0;
      const shares = [...waitedMs].map(([pid, ms]) => (ms - (before.waitedMs.get(pid) ?? ms)) / (now - before.at));
      return Math.min(1, Math.max(0, ...shares));
    },
  };
}

/** Milliseconds that its main thread has waited on a run queue (Linux, Documentation/scheduler/sched-stats.rst); 0 when it is gone. */
function readWaitedMs(pid: number): number {
  try {
    const [, waitedNs = "0"] = readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ");
    return Number(waitedNs) / 1e6;
  } catch {
    return 0;
  }
}
