import type { Version } from "../../model.ts";
import type { VersionProcess } from "./version-process.ts";

export interface ProcessTableOptions {
  /** Starts the process of a version; `onEnd` is called when it ends without having been asked to. */
  readonly start: (scriptName: string, version: Version, onEnd: () => void) => Promise<VersionProcess>;
  readonly log: (scriptName: string, versionId: string, line: string) => void;
}

/** The processes of all versions of all scripts, at most one for each. */
export interface ProcessTable {
  /**
   * Gives the process of a version, which starts unless it runs.
   * @throws StartupError
   */
  ensure(scriptName: string, version: Version): Promise<VersionProcess>;
  /** The process of a version, unless it does not run or is on its way out. */
  find(versionId: string): VersionProcess | null;
  processesOf(scriptName: string): readonly VersionProcess[];
  /** Takes a process out of the table, so that it gets no new requests, and then ends it. */
  retire(process: VersionProcess, how: "stop" | "kill"): void;
  /** Resolves when all that runs of a script has ended. */
  ended(scriptName: string): Promise<void>;
  /** Kills all. */
  close(): Promise<void>;
}

export function createProcessTable({ start, log }: ProcessTableOptions): ProcessTable {
  const starting = new Map<string, Promise<VersionProcess>>();
  const running = new Map<string, VersionProcess>();
  const ending = new Map<VersionProcess, Promise<void>>();

  const launch = async (scriptName: string, version: Version): Promise<VersionProcess> => {
    const process = await start(scriptName, version, () => {
      if (!running.delete(version.id)) return;
      log(scriptName, version.id, "ended unexpectedly");
      void process.kill();
    });
    running.set(version.id, process);
    log(scriptName, version.id, `runs after ${process.startedInMs} ms`);
    return process;
  };

  const retire: ProcessTable["retire"] = (process, how) => {
    const { scriptName, version } = process;
    running.delete(version.id);
    const end = async (): Promise<void> => {
      await process[how]();
      ending.delete(process);
      log(scriptName, version.id, "stopped");
    };
    ending.set(process, end());
  };

  return {
    ensure(scriptName, version) {
      const { id } = version;
      const process = running.get(id);
      if (process !== undefined) return Promise.resolve(process);
      const started = starting.get(id) ?? launch(scriptName, version).finally(() => starting.delete(id));
      starting.set(id, started);
      return started;
    },
    find: (versionId) => running.get(versionId) ?? null,
    processesOf: (scriptName) => [...running.values()].filter((process) => process.scriptName === scriptName),
    retire,
    async ended(scriptName) {
      const own = [...running.values(), ...ending.keys()].filter((process) => process.scriptName === scriptName);
      await Promise.all(own.map((process) => process.ended));
    },
    async close() {
      await Promise.allSettled(starting.values());
      for (const process of running.values()) retire(process, "kill");
      // Those that still wait for what their last events left behind do so no longer.
      await Promise.all([...ending].map(([process, end]) => Promise.all([process.kill(), end])));
    },
  };
}
