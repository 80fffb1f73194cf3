import { DEADLINE_MS, type LoadPoint } from "./summary.ts";

/** Of the goodput at capacity, what has to be left of it at three times the load. */
export const MIN_GOODPUT_SHARE = 0.8;
/** After the load has fallen. */
const MAX_RECOVERY_MS = 3_000;
/** Beyond the deadline, for the way of an answer through a busy machine. */
const DEADLINE_TOLERANCE = 1.1;
/** A generator that comes later than this has not offered the load that it should. */
const MAX_LAG_MS = 250;

export interface OverloadVerdict {
  readonly problems: readonly string[];
  /** Whether the machine had no room to see it. */
  readonly isInconclusive: boolean;
}

/** What an overload has to leave intact. */
export function judgeOverload(points: readonly LoadPoint[], recoveryMs: number | null): OverloadVerdict {
  const problems = [...judgeGoodput(points), ...judgeAnswers(points), ...judgeRecovery(recoveryMs)];
  return { problems, isInconclusive: problems.length > 0 && points.some(({ maxLagMs }) => maxLagMs > MAX_LAG_MS) };
}

function judgeGoodput(points: readonly LoadPoint[]): string[] {
  const at = (factor: number): number => points.find((point) => point.factor === factor)?.goodput ?? 0;
  const share = at(3) / at(1);
  if (share >= MIN_GOODPUT_SHARE) return [];
  return [
    `goodput at 3 times the capacity is ${percent(share)} of that at capacity, below ${percent(MIN_GOODPUT_SHARE)}`,
  ];
}

function judgeAnswers(points: readonly LoadPoint[]): string[] {
  const unanswered = sum(points, (point) => point.unanswered);
  const healthFailures = sum(points, (point) => point.healthFailures);
  const slowestMs = Math.max(...points.map((point) => point.slowestMs));
  return [
    ...(unanswered === 0 ? [] : [`${unanswered} requests had no answer`]),
    ...(slowestMs <= DEADLINE_MS * DEADLINE_TOLERANCE ? [] : [`an answer took ${slowestMs.toFixed(0)} ms`]),
    ...(healthFailures === 0 ? [] : [`${healthFailures} health probes failed`]),
  ];
}

function judgeRecovery(recoveryMs: number | null): string[] {
  if (recoveryMs === null) return ["no recovery after the load had fallen"];
  if (recoveryMs <= MAX_RECOVERY_MS) return [];
  return [`recovery took ${recoveryMs.toFixed(0)} ms after the load had fallen`];
}

function sum(points: readonly LoadPoint[], of: (point: LoadPoint) => number): number {
  return points.reduce((total, point) => total + of(point), 0);
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(0)} %` : "none";
}
