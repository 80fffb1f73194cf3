import type { RequestRecord } from "../load/record.ts";
import { type Disturbances, findMiscounts, type TelemetryEvidence } from "../telemetry/counts.ts";
import type { ScenarioRun } from "./run.ts";

/** How exactly telemetry has counted. */
export interface TelemetryResult {
  /** Requests that the edge has answered: those of the load, and those of releases, their smoke tests and probes. */
  readonly answered: number;
  /** Of the load, with an answer of a version. */
  readonly ofLoad: number;
  /** What `/metrics` tells. */
  readonly counted: number;
  /** Requests whose clients left without an answer, which may have been counted or not. */
  readonly unanswered: number;
  readonly versions: number;
  readonly lost: number;
  readonly disturbances: Disturbances;
  /** Answered and not counted, in words. */
  readonly missing: readonly string[];
  /** Counted more often than answered, or unknown to the edge. */
  readonly tooMany: readonly string[];
}

export function evaluateTelemetry(
  { edge, counted, lost, disturbances }: TelemetryEvidence,
  runs: readonly ScenarioRun[],
  records: readonly RequestRecord[],
): TelemetryResult {
  // Marked by what stands before it: the Worker itself has counted the answer that it gave.
  const rewriting = new Set(
    runs.filter(({ scenario }) => scenario.injects === "error").map(({ candidate }) => candidate),
  );
  const answersOf = ({ answers }: TelemetryEvidence["edge"][number]): number => sum(Object.values(answers));
  const ofLoad = Map.groupBy(
    records.filter(({ version }) => version !== null),
    ({ version }) => version,
  );
  const unseen = [...ofLoad].filter(([id, own]) => {
    const seen = edge.find(({ versionId }) => versionId === id);
    return seen === undefined || answersOf(seen) < own.length;
  });
  const { missing, tooMany } = findMiscounts({ edge, counted }, (id) => rewriting.has(id));
  return {
    answered: sum(edge.map(answersOf)),
    ofLoad: sum([...ofLoad.values()].map(({ length }) => length)),
    counted: sum(counted.flatMap(({ statuses }) => [...statuses.values()])),
    unanswered: sum(edge.map(({ unanswered }) => unanswered)),
    versions: counted.length,
    lost,
    disturbances,
    missing,
    tooMany: [
      ...tooMany,
      ...unseen.map(
        ([id, own]) => `version ${id}: ${own.length} answers came to the load, more than the edge knows of`,
      ),
    ],
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
