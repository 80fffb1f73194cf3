import type { Expectation } from "../load/book.ts";
import type { RequestRecord } from "../load/record.ts";
import { type Room, type RoomSummary, summarizeRoom } from "../room/room.ts";
import { isDisturbed, type Shortage } from "../room/shortage.ts";
import type { UserRow } from "../scenarios/database-state.ts";
import type { LiveDeployment } from "../scenarios/live-deployments.ts";
import type { TelemetryEvidence } from "../telemetry/counts.ts";
import { type AffinityResult, checkAffinity } from "./affinity.ts";
import { type Drain, findDrains } from "./drain.ts";
import { findRollback, sortFailures } from "./failures.ts";
import type { ScenarioRun } from "./run.ts";
import { measureShares, type StepShare } from "./shares.ts";
import { evaluateSubscribers, type SubscriberEvidence, type SubscriberResult } from "./subscribers.ts";
import { evaluateTelemetry, type TelemetryResult } from "./telemetry.ts";
import { compareWrites, type WriteFaults } from "./writes.ts";

/** All that a rehearsal has seen. */
export interface Evidence {
  readonly runs: readonly ScenarioRun[];
  readonly records: readonly RequestRecord[];
  /** Of the whole time, oldest first. */
  readonly deployments: readonly LiveDeployment[];
  readonly expectations: readonly Expectation[];
  readonly rows: readonly UserRow[];
  /** From a deployment's time until it takes effect, in ms. */
  readonly propagationMs: number;
  readonly room: Room;
  readonly telemetry: TelemetryEvidence;
  readonly subscribers: SubscriberEvidence;
}

/** One scenario with what its requests tell. */
export interface RunResult {
  readonly run: ScenarioRun;
  readonly requests: number;
  /** Wrong answers of both kinds. */
  readonly failures: number;
  readonly lost: number;
  /** Answers that the fault has touched. */
  readonly injected: number;
  readonly shares: readonly StepShare[];
  readonly affinity: AffinityResult;
  /** From the first visible fault to the last request on the bad version; null when nothing was rolled back. */
  readonly rollbackMs: number | null;
  /** The machine had no room for a good part of that. */
  readonly isRollbackDisturbed: boolean;
  /** Requests that reached the rejected version after its rollback was verified. */
  readonly strays: number;
  /** The machine had no room for a good part of it. */
  readonly isDisturbed: boolean;
}

export interface Evaluation {
  readonly results: readonly RunResult[];
  readonly requests: number;
  readonly lost: readonly RequestRecord[];
  readonly forgiven: readonly RequestRecord[];
  /** Late for want of room: neither held nor lost. */
  readonly unanswered: readonly RequestRecord[];
  readonly room: RoomSummary;
  readonly drains: readonly Drain[];
  readonly telemetry: TelemetryResult;
  readonly subscribers: readonly SubscriberResult[];
  readonly writes: WriteFaults;
  /** Users that the service has acknowledged a write of. */
  readonly acknowledged: number;
}

/** After that, every request is surely routed by it, also on a machine that is busy. */
const SETTLE_MS = 1_000;

/** Draws the conclusions; judges nothing. */
export function evaluate(evidence: Evidence): Evaluation {
  const { runs, records, deployments, expectations, rows, propagationMs } = evidence;
  const room = summarizeRoom(evidence.room);
  const { lost, forgiven, unanswered } = sortFailures(records, runs, room.shortages);
  const lostOnes = new Set(lost);
  return {
    results: runs.map((run) => evaluateRun(run, evidence, lostOnes, room.shortages)),
    requests: records.length,
    lost,
    forgiven,
    unanswered,
    room,
    drains: findDrains(deployments, records, propagationMs),
    telemetry: evaluateTelemetry(evidence.telemetry, runs, records),
    subscribers: evaluateSubscribers(evidence.subscribers),
    writes: compareWrites(expectations, rows),
    acknowledged: expectations.filter(({ allowed }) => allowed.length === 1).length,
  };
}

function evaluateRun(
  run: ScenarioRun,
  { records, propagationMs }: Evidence,
  lost: ReadonlySet<RequestRecord>,
  shortages: readonly Shortage[],
): RunResult {
  const own = records.filter(({ at }) => at >= run.startedAt && at < run.endedAt);
  const hasCandidate = run.candidate !== null;
  const rollback = findRollback(run, own);
  return {
    run,
    requests: own.length,
    failures: own.filter(({ problem }) => problem !== null).length,
    lost: own.filter((record) => lost.has(record)).length,
    injected: own.filter(({ injectedFault }) => injectedFault !== null).length,
    shares: hasCandidate ? measureShares(run, records, propagationMs + SETTLE_MS) : [],
    affinity: hasCandidate ? checkAffinity(run, records) : { moved: 0, movedBack: [] },
    rollbackMs: rollback === null ? null : rollback.to - rollback.from,
    isRollbackDisturbed: rollback !== null && isDisturbed(shortages, rollback.from, rollback.to),
    strays: straysOf(run, records),
    isDisturbed: isDisturbed(shortages, run.startedAt, run.endedAt),
  };
}

function straysOf({ candidate, verifiedAt }: ScenarioRun, records: readonly RequestRecord[]): number {
  if (candidate === null || verifiedAt === null) return 0;
  return records.filter(({ version, at }) => version === candidate && at > verifiedAt).length;
}
