import type { VersionStats } from "../types.ts";
import type { ProcessTable } from "../versions/process-table.ts";
import type { Lease } from "./dispatch.ts";

/** Counts the requests of every version, of those that do not run any more too. */
export interface RequestCounts {
  add(lease: Lease): void;
  /** @param status of the answer; null when none came */
  addAnswer(lease: Lease, status: number | null): void;
  stats(scriptName: string): VersionStats[];
}

interface Counts {
  requests: number;
  unanswered: number;
  readonly answers: Map<number, number>;
}

export function createRequestCounts(processes: ProcessTable): RequestCounts {
  const scripts = new Map<string, Map<string, Counts>>();
  const countsOf = ({ process: { scriptName, version } }: Lease): Counts => {
    const versions = scripts.get(scriptName) ?? new Map<string, Counts>();
    scripts.set(scriptName, versions);
    const counts = versions.get(version.id) ?? { requests: 0, unanswered: 0, answers: new Map() };
    versions.set(version.id, counts);
    return counts;
  };
  return {
    add: (lease) => void (countsOf(lease).requests += 1),
    addAnswer(lease, status) {
      const counts = countsOf(lease);
      if (status === null) counts.unanswered += 1;
      else counts.answers.set(status, (counts.answers.get(status) ?? 0) + 1);
    },
    stats(scriptName) {
      const versions = scripts.get(scriptName);
      const running = processes.processesOf(scriptName).map(({ version }) => version.id);
      return [...new Set([...(versions?.keys() ?? []), ...running])].map((versionId) => {
        const process = processes.find(versionId);
        const { requests = 0, unanswered = 0, answers = [] } = versions?.get(versionId) ?? {};
        const inFlight = process?.inFlight ?? 0;
        return {
          versionId,
          requests,
          answers: Object.fromEntries(answers),
          unanswered,
          inFlight,
          isRunning: process !== null,
        };
      });
    },
  };
}
