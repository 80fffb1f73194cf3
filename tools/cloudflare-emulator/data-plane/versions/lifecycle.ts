import type { ProcessTable } from "./process-table.ts";
import { versionsToRetire } from "./retention.ts";
import type { VersionProcess } from "./version-process.ts";

/** How long a version keeps running after a call by its own URL. */
const VISIT_MS = 30_000;

export interface LifecycleOptions {
  readonly processes: ProcessTable;
  readonly warmVersions: number;
  readonly drainTimeoutMs: number;
  /** Versions of the live deployment and of those about to take effect. */
  readonly neededVersions: (scriptName: string) => ReadonlySet<string>;
  readonly log: (scriptName: string, versionId: string, line: string) => void;
}

/** Decides when the process of a version ends: never before its events are over, unless they take too long. */
export interface Lifecycle {
  /** Keeps a version until it is deployed, or until the next one is kept in its place. */
  keepFresh(scriptName: string, versionId: string): void;
  /** Keeps a version for a while because somebody calls it by its own URL. */
  visit(scriptName: string, versionId: string): void;
  /** Retires what is not needed any more. Call it whenever a deployment changed. */
  sweep(scriptName: string): void;
  /** Retires all that runs of a script. */
  abandon(scriptName: string): void;
  /** Call it whenever an event of the process is over. */
  onEventOver(process: VersionProcess): void;
  close(): void;
}

export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { processes, warmVersions, neededVersions } = options;
  const drains = createDrains(options);
  const visits = new Map<string, NodeJS.Timeout>();
  const fresh = new Map<string, string>();

  const sweep = (scriptName: string): void => {
    const needed = neededVersions(scriptName);
    if (needed.has(fresh.get(scriptName) ?? "")) fresh.delete(scriptName);
    const running = processes.processesOf(scriptName);
    const candidates = running.map(({ version: { id, number } }) => ({
      id,
      number,
      isNeeded: needed.has(id),
      isFresh: fresh.get(scriptName) === id,
      isVisited: visits.has(id),
    }));
    const unwanted = versionsToRetire(candidates, warmVersions);
    for (const process of running) {
      if (unwanted.has(process.version.id)) drains.end(process);
      else drains.cancel(process);
    }
  };

  return {
    sweep,
    abandon(scriptName) {
      fresh.delete(scriptName);
      for (const process of processes.processesOf(scriptName)) drains.end(process);
    },
    onEventOver(process) {
      if (process.inFlight === 0 && drains.isWaitingFor(process)) drains.end(process);
    },
    keepFresh(scriptName, versionId) {
      fresh.set(scriptName, versionId);
      sweep(scriptName);
    },
    visit(scriptName, versionId) {
      clearTimeout(visits.get(versionId));
      const leave = (): void => {
        visits.delete(versionId);
        sweep(scriptName);
      };
      visits.set(versionId, setTimeout(leave, VISIT_MS).unref());
    },
    close() {
      for (const timer of visits.values()) clearTimeout(timer);
      drains.close();
    },
  };
}

function createDrains({ processes, drainTimeoutMs, log }: LifecycleOptions) {
  const timers = new Map<VersionProcess, NodeJS.Timeout>();
  const cancel = (process: VersionProcess): void => {
    clearTimeout(timers.get(process));
    timers.delete(process);
  };
  const giveUp = (process: VersionProcess): void => {
    cancel(process);
    const reason = `cut off with ${process.inFlight} in flight: they took longer than ${drainTimeoutMs} ms`;
    log(process.scriptName, process.version.id, reason);
    processes.retire(process, "kill");
  };
  return {
    cancel,
    isWaitingFor: (process: VersionProcess): boolean => timers.has(process),
    /** Ends a process now if it is idle; else it is waited for, and asked about again after its last event. */
    end(process: VersionProcess): void {
      if (process.inFlight === 0) {
        cancel(process);
        processes.retire(process, "stop");
      } else if (!timers.has(process)) {
        log(process.scriptName, process.version.id, `finishes ${process.inFlight} in flight`);
        timers.set(process, setTimeout(giveUp, drainTimeoutMs, process));
      }
    },
    close(): void {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
