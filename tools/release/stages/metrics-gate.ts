import { sumOf, sumTicks } from "../judge/metrics/blocks.ts";
import { judgeMetrics, type MetricsVerdict } from "../judge/metrics/judge-metrics.ts";
import { summarizeMetrics } from "../judge/metrics/summary.ts";
import { MAX_EXTENSION, type Phase } from "../judge/window.ts";
import type { Clock } from "../measure/clock.ts";
import type { Comparison, Measurement } from "../measure/measurement.ts";
import type { MetricsObservation, MetricsWatch } from "../metrics/observation.ts";
import type { ReleasePlan } from "../ports.ts";
import type { StageNotes } from "../report/journal.ts";

/** An isolate waits a second for company before it tells, and a reading takes its time. */
const DELIVERY_MS = 1_500;
/** Telemetry that has told nothing for so long has failed; the API itself waits for it for no more than 15 s before it rests. */
const SILENCE_MS = 20_000;
/** Probes are requests like all: of those that a version answered, telemetry must have counted so many. */
const COUNTED_SHARE = 0.5;
const MIN_PROBES = 20;

export interface MetricsGateOptions extends Pick<ReleasePlan, "bakeMs" | "isMetricsRequired" | "findOneIn"> {
  readonly metrics: MetricsWatch | null;
}

export interface MetricsGateTime {
  readonly isPeerIdle: boolean;
  /** When the step began. */
  readonly startedAt: number;
  readonly clock: Clock;
}

/** What the metrics have to say in one step. */
export interface MetricsGate {
  /** Null when there is nothing to judge by. */
  judge(comparison: Comparison, phase: Phase): MetricsVerdict | null;
  /** Writes the evidence down. */
  report(notes: StageNotes): void;
}

const NONE: MetricsGate = { judge: () => null, report: () => {} };

/** Opens it when the step begins: what is counted from then on belongs to it. */
export function openMetricsGate(options: MetricsGateOptions, time: MetricsGateTime): MetricsGate {
  const { metrics } = options;
  if (metrics === null) return NONE;
  const before = metrics.read().ticks.length;
  const resetsBefore = metrics.read().resets;
  let unavailable: string | null = null;
  return {
    judge(comparison, phase) {
      const observation = metrics.read();
      const step = { ...options, ...time, before };
      const verdict = judgeMetrics(observation, windowOf(step, phase));
      if (verdict.kind === "unhealthy") return verdict;
      const problem = findGap(observation, comparison, step, phase);
      unavailable = problem?.reason ?? null;
      if (problem === null) return verdict;
      return problem.isFinal ? conclude(problem.reason, options) : { kind: "waiting", reasons: [] };
    },
    report(notes) {
      const observation = metrics.read();
      if (observation.resets > resetsBefore)
        notes.detail("Counters of the metrics were set back: what was counted between two readings is missing.");
      notes.metrics(summarizeMetrics(observation, time.isPeerIdle, unavailable));
    },
  };
}

interface MetricsStep extends MetricsGateOptions, MetricsGateTime {
  readonly before: number;
}

function windowOf({ bakeMs, findOneIn, isPeerIdle, startedAt, clock, before }: MetricsStep, phase: Phase) {
  const passedShare = (clock.now() - startedAt) / (bakeMs * MAX_EXTENSION);
  return { phase, isPeerIdle, passedShare, rarest: 1 / findOneIn, before };
}

/** What is missing in the metrics; final when there is no use in waiting for it. */
interface Gap {
  readonly reason: string;
  readonly isFinal: boolean;
}

function findGap(observation: MetricsObservation, comparison: Comparison, step: MetricsStep, phase: Phase): Gap | null {
  const silence = findSilence(observation, step, phase);
  // While a step runs, only what is required is missed.
  if (phase === "open") return step.isMetricsRequired && silence?.isFinal === true ? silence : null;
  return silence ?? findMissing(observation, comparison, step, phase);
}

/** That telemetry does not answer. */
function findSilence(
  { readAt, failure }: MetricsObservation,
  { startedAt, clock }: MetricsStep,
  phase: Phase,
): Gap | null {
  const silentMs = clock.now() - Math.max(readAt ?? startedAt, startedAt);
  if (failure === null && silentMs < SILENCE_MS) return null;
  const reason = `the metrics could not be read for ${Math.round(silentMs / 1_000)} s: ${failure ?? "no answer"}`;
  return { reason, isFinal: silentMs >= SILENCE_MS || phase === "last" };
}

/** That it answers, but has not counted all. */
function findMissing(
  observation: MetricsObservation,
  comparison: Comparison,
  { bakeMs, startedAt, clock, before }: MetricsStep,
  phase: Phase,
): Gap | null {
  const endedAt = startedAt + bakeMs;
  const uncounted = findUncounted(observation, comparison, before);
  const isLast = phase === "last";
  if (uncounted !== null) return { reason: uncounted, isFinal: isLast || clock.now() >= endedAt + SILENCE_MS };
  const isEarly = (observation.readAt ?? 0) < endedAt + DELIVERY_MS;
  return isEarly && !isLast ? { reason: "the latest measurements have not arrived", isFinal: false } : null;
}

function findUncounted({ ticks }: MetricsObservation, comparison: Comparison, before: number): string | null {
  const counted = sumTicks(ticks.slice(before));
  const uncounted = (["candidate", "baseline"] as const).find((side) => {
    const answered = answersOf(comparison[side]);
    return answered >= MIN_PROBES && sumOf(counted[side], () => true, "requests") < COUNTED_SHARE * answered;
  });
  if (uncounted === undefined) return null;
  const name = uncounted === "candidate" ? "new" : "old";
  const requests = sumOf(counted[uncounted], () => true, "requests");
  return `the metrics hold ${requests} requests of the ${name} version, which answered ${answersOf(comparison[uncounted])} probes alone`;
}

const answersOf = ({ samples, errors }: Measurement): number => samples - errors;

function conclude(reason: string, { isMetricsRequired }: MetricsGateOptions): MetricsVerdict {
  if (isMetricsRequired) return { kind: "unhealthy", reasons: [`${reason}; --require-metrics asks for it`] };
  return { kind: "healthy", reasons: [`${reason}; so probes alone have decided`] };
}
