import { readFileSync } from "node:fs";

import { commandOf, statOf } from "../../process/processes.ts";

/** How the processors were used between two looks, each in processors: 2 is two of them all the time. */
export interface ProcessorShares {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** By what a process is: `rehearsal`, `workerd`, `postgres`, `commands`. */
  readonly own: Readonly<Record<string, number>>;
  /** Used by whatever else runs on this machine. */
  readonly others: number;
}

export interface ProcessorWatch {
  /** Looks now; null at the first look, and where the system does not tell. */
  look(pids: readonly number[]): ProcessorShares | null;
}

/** USER_HZ of Linux, which has been 100 on every architecture of today. */
const TICKS_PER_SECOND = 100;

export function watchProcessors(ownPid: number): ProcessorWatch {
  let last: { readonly at: number; readonly busy: number; readonly used: ReadonlyMap<number, number> } | null = null;
  return {
    look(pids) {
      const busy = readBusyTicks();
      if (busy === null) return null;
      const now = { at: Date.now(), busy, used: new Map([ownPid, ...pids].map((pid) => [pid, readTicks(pid)])) };
      const before = last;
      last = now;
      if (before === null) return null;
      const seconds = (now.at - before.at) / 1_000;
      const own: Record<string, number> = {};
      for (const [pid, ticks] of now.used) {
        const used = Math.max(0, ticks - (before.used.get(pid) ?? ticks)) / TICKS_PER_SECOND / seconds;
        const kind = pid === ownPid ? "rehearsal" : kindOf(pid);
        own[kind] = (own[kind] ?? 0) + used;
      }
      const all = (now.busy - before.busy) / TICKS_PER_SECOND / seconds;
      return { at: now.at, own, others: Math.max(0, all - Object.values(own).reduce((sum, used) => sum + used, 0)) };
    },
  };
}

/** Of all processors since the system started: all but idle and waiting for disks (proc(5), /proc/stat). */
function readBusyTicks(): number | null {
  try {
    const [first = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
    const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = first.split(/\s+/).map(Number);
    return user + nice + system + irq + softirq + steal;
  } catch {
    return null;
  }
}

/** Of one process, its ended children not counted (proc(5), /proc/pid/stat); 0 when it is gone. */
function readTicks(pid: number): number {
  const fields = statOf(pid) ?? [];
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

function kindOf(pid: number): string {
  const command = commandOf(pid) ?? "";
  if (command.includes("workerd")) return "workerd";
  return command.includes("postgres") ? "postgres" : "commands";
}
