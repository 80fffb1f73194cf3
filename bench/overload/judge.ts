import { DEADLINE_MS, type LoadPoint } from "./summary.ts";

/** Of the goodput at capacity, what has to be left of it at three times the load. */
export const MIN_GOODPUT_SHARE = 0.8;
/** After the load has fallen. */
export const MAX_RECOVERY_MS = 3_000;
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
  const at = (factor: number): LoadPoint | undefined => points.find((point) => point.factor === factor);
  const [atCapacity, atThree] = [at(1)?.goodput ?? 0, at(3)?.goodput ?? 0];
  const unanswered = points.reduce((sum, point) => sum + point.unanswered, 0);
  const slowestMs = Math.max(...points.map((point) => point.slowestMs));
  const healthFailures = points.reduce((sum, point) => sum + point.healthFailures, 0);
  const problems = [
    ...(atThree >= MIN_GOODPUT_SHARE * atCapacity
      ? []
      : [
          `goodput at 3 times the capacity is ${percent(atThree / atCapacity)} of that at capacity, below ${percent(MIN_GOODPUT_SHARE)}`,
        ]),
    ...(unanswered === 0 ? [] : [`${unanswered} requests had no answer`]),
    ...(slowestMs <= DEADLINE_MS * DEADLINE_TOLERANCE ? [] : [`an answer took ${slowestMs.toFixed(0)} ms`]),
    ...(healthFailures === 0 ? [] : [`${healthFailures} health probes failed`]),
    ...(recoveryMs !== null && recoveryMs <= MAX_RECOVERY_MS
      ? []
      : [
          `${recoveryMs === null ? "no recovery" : `recovery took ${recoveryMs.toFixed(0)} ms`} after the load had fallen`,
        ]),
  ];
  return { problems, isInconclusive: problems.length > 0 && points.some(({ maxLagMs }) => maxLagMs > MAX_LAG_MS) };
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(0)} %` : "none";
}
