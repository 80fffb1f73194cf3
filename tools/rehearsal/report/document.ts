import type { RequestRecord } from "../load/record.ts";
import type { Evaluation, RunResult } from "./evaluation.ts";
import { type Check, exitCodeOf } from "./outcome.ts";
import type { SubscriberResult } from "./subscribers.ts";

export interface DocumentInput {
  readonly evaluation: Evaluation;
  readonly checks: readonly Check[];
  readonly records: readonly RequestRecord[];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly seed: number;
}

/** Of those that are alike; enough to see what they have in common. */
const MAX_LISTED = 20;
/** Failures that begin like this are alike. */
const ALIKE_LENGTH = 60;

/** What `report.json` holds. Times are RFC 3339, durations milliseconds, shares percent. */
export function toDocument(input: DocumentInput): Record<string, unknown> {
  const { evaluation, checks, records, startedAt, endedAt, seed } = input;
  const { results, requests, lost, forgiven, unanswered, drains, writes, room, telemetry, subscribers } = evaluation;
  return {
    startedAt: toTime(startedAt),
    ms: endedAt - startedAt,
    seed,
    exitCode: exitCodeOf(checks),
    room: { ...room, shortages: room.shortages.map(({ from, to }) => ({ from: toTime(from), to: toTime(to) })) },
    checks,
    releases: results.map(toRelease),
    totals: { requests, lost: lost.length, failedByInjectedFaults: forgiven.length, late: unanswered.length },
    operations: summarize(records),
    drains,
    writes,
    telemetry,
    subscribers: subscribers.map(toSubscriber),
    lost: selectFailures(lost).map(toFailure),
    late: selectFailures(unanswered).map(toFailure),
    failedByInjectedFaults: selectFailures(forgiven).map(toFailure),
  };
}

function toRelease({ run, shares, affinity, strays, rollbackMs, ...counts }: RunResult): Record<string, unknown> {
  const { scenario, startedAt, endedAt, exitCode, stage, previous, candidate, deployments, problems } = run;
  return {
    name: scenario.name,
    title: scenario.title,
    command: scenario.command,
    startedAt: toTime(startedAt),
    ms: endedAt - startedAt,
    exitCode,
    stage,
    expected: scenario.expected,
    problems,
    previous,
    candidate,
    deployments: deployments.map(({ createdAt, ...rest }) => ({ createdAt: toTime(createdAt), ...rest })),
    ...counts,
    shares,
    affinity,
    rollbackMs,
    strays,
  };
}

/** With the number of what was wrong, and the first events of each kind. */
export function toSubscriber({
  lost,
  late,
  doubled,
  swapped,
  foreign,
  ...counts
}: SubscriberResult): Record<string, unknown> {
  const faults = Object.entries({ lost, late, doubled, swapped, foreign }).map(([name, ids]) => [
    name,
    { count: ids.length, examples: ids.slice(0, MAX_LISTED) },
  ]);
  return { ...counts, ...Object.fromEntries(faults) };
}

function selectFailures(failures: readonly RequestRecord[]): RequestRecord[] {
  const kinds = Map.groupBy(failures, ({ problem, version }) => `${version} ${problem?.slice(0, ALIKE_LENGTH)}`);
  return [...kinds.values()].flatMap((alike) => alike.slice(0, MAX_LISTED)).toSorted((a, b) => a.at - b.at);
}

function toFailure({ at, ...rest }: RequestRecord): Record<string, unknown> {
  return { at: toTime(at), ...rest };
}

/** Counts and latencies by operation. */
function summarize(records: readonly RequestRecord[]): Record<string, unknown> {
  return Object.fromEntries(
    [...Map.groupBy(records, ({ operation }) => operation)].map(([operation, own]) => {
      const sorted = own.map(({ ms }) => ms).toSorted((a, b) => a - b);
      const at = (share: number): number => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
      const wrong = own.filter(({ problem }) => problem !== null).length;
      return [operation, { requests: own.length, wrong, medianMs: at(0.5), p99Ms: at(0.99), maxMs: at(1) }];
    }),
  );
}

function toTime(at: number): string {
  return new Date(at).toISOString();
}
