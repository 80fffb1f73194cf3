/**
 * Where in its time a step is: it still runs; it is over, and a verdict may come at any moment; or even the extension
 * is over, and there has to be one.
 */
export type Phase = "open" | "due" | "last";

/** A step whose verdict is in doubt lasts up to so many times as long as was asked for. */
export const MAX_EXTENSION = 3;
/** A request that has been under way for less may well be answered in a moment: no reason to wait for it. */
const PATIENCE_MS = 500;

export interface StepTime {
  /** Milliseconds since the step began. */
  readonly passedMs: number;
  /** For how long it is to be watched. */
  readonly bakeMs: number;
  /** For how long the oldest request has been under way that is not counted yet; 0 when there is none. */
  readonly oldestPendingMs: number;
}

export function phaseOf({ passedMs, bakeMs, oldestPendingMs }: StepTime): Phase {
  if (isComplete(passedMs - bakeMs * MAX_EXTENSION, oldestPendingMs)) return "last";
  return isComplete(passedMs - bakeMs, oldestPendingMs) ? "due" : "open";
}

/**
 * Whether nothing is missing from the numbers of a time that ended `sinceEndMs` ago: a version that hangs shows in the
 * requests that are still under way then. The source counts them as failed before long, so that this ends.
 */
function isComplete(sinceEndMs: number, oldestPendingMs: number): boolean {
  return sinceEndMs >= 0 && (oldestPendingMs < PATIENCE_MS || oldestPendingMs <= sinceEndMs);
}
