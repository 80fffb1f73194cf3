import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";

import { statOf } from "./processes.ts";

/** @param parents the parent of every process, by process */
export function descendantsOf(rootPid: number, parents: ReadonlyMap<number, number>): number[] {
  const isBelow = (pid: number | undefined): boolean => {
    for (let at = pid, steps = 0; at !== undefined && at > 1 && steps < parents.size; steps += 1) {
      at = parents.get(at);
      if (at === rootPid) return true;
    }
    return false;
  };
  return [...parents.keys()].filter(isBelow);
}

/** The parent of every process, by process. */
export function readParents(): Map<number, number> {
  try {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return new Map(pids.flatMap((pid) => readParent(Number(pid))));
  } catch {
    return new Map(
      execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
        .trim()
        .split("\n")
        .map((line) => line.trim().split(/\s+/).map(Number))
        .map(([pid = 0, parent = 0]) => [pid, parent]),
    );
  }
}

function readParent(pid: number): [number, number][] {
  const fields = statOf(pid);
  return fields === null ? [] : [[pid, Number(fields[1])]];
}
