import type { VersionStats } from "../types.ts";
import type { ProcessTable } from "../versions/process-table.ts";
import type { Lease } from "./dispatch.ts";

/** Counts the requests of every version, of those that do not run any more too. */
export interface RequestCounts {
  add(lease: Lease): void;
  stats(scriptName: string): VersionStats[];
}

export function createRequestCounts(processes: ProcessTable): RequestCounts {
  const scripts = new Map<string, Map<string, number>>();
  return {
    add({ process: { scriptName, version } }) {
      const counts = scripts.get(scriptName) ?? new Map<string, number>();
      scripts.set(scriptName, counts.set(version.id, (counts.get(version.id) ?? 0) + 1));
    },
    stats(scriptName) {
      const counts = scripts.get(scriptName);
      const running = processes.processesOf(scriptName).map(({ version }) => version.id);
      return [...new Set([...(counts?.keys() ?? []), ...running])].map((versionId) => {
        const process = processes.find(versionId);
        const requests = counts?.get(versionId) ?? 0;
        return { versionId, requests, inFlight: process?.inFlight ?? 0, isRunning: process !== null };
      });
    },
  };
}
