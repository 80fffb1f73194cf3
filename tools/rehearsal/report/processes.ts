import { descendantsOf, readParents } from "../../process/process-tree.ts";
import { commandOf, isRunning, isZombie, startOf } from "../../process/processes.ts";

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
        .filter(([pid, start]) => start !== undefined && isRunning(pid) && startOf(pid) === start && !isZombie(pid))
        .map(([pid]) => `${pid} ${(commandOf(pid) ?? "").slice(0, SHOWN_COMMAND)}`),
  };
}
