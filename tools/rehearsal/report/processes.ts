import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

import { commandOf, isRunning, startOf } from "../../process/processes.ts";

/** Remembers every process below ours, so that those that lose their parent are found too. */
export interface ProcessWatch {
  /** Looks now, and gives those that run; to be called often enough to see every process that lasts. */
  look(): readonly number[];
  /** Those that were seen and still run, with the beginning of their command line. */
  left(): string[];
}

const SHOWN_COMMAND = 100;

/** @param watcher one that ends only after us */
export function watchProcesses(rootPid: number, watcher?: number): ProcessWatch {
  // The time of the start tells a process from another one that got its id later.
  const seen = new Map<number, string | undefined>();
  return {
    look() {
      const running = descendantsOf(rootPid, readParents()).filter((pid) => pid !== watcher);
      for (const pid of running) if (!seen.has(pid)) seen.set(pid, startOf(pid));
      return running;
    },
    left: () =>
      [...seen]
        .filter(([pid, start]) => start !== undefined && isRunning(pid) && startOf(pid) === start && !isDead(pid))
        .map(([pid]) => `${pid} ${(commandOf(pid) ?? "").slice(0, SHOWN_COMMAND)}`),
  };
}

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

function readParents(): Map<number, number> {
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

/** Ended, and only not yet asked for its exit code. */
function isDead(pid: number): boolean {
  return statOf(pid)?.[0] === "Z";
}

/** State, parent and so on: what follows the name in parentheses, which may hold spaces. Null when it is gone. */
function statOf(pid: number): string[] | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
  } catch {
    return null;
  }
}
