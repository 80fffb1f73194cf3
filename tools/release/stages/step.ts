import type { Comparison } from "../measure/measurement.ts";
import type { ReleasePorts } from "../ports.ts";
import type { StageNotes } from "../report/journal.ts";
import { StageFailure } from "../stage-failure.ts";
import type { Traffic } from "../traffic/traffic.ts";

/** A source that is so much too late is broken; waiting on would keep a split nobody watches. */
const SILENCE_MS = 60_000;
/** A request that has been under way for less may well be answered in a moment: no reason to wait for it. */
const PATIENCE_MS = 500;

export interface Step {
  readonly percentage: number;
  readonly bakeMs: number;
}

/** Gives the new version its share and watches it beside the old one until the verdict is there. */
export async function takeStep(
  { percentage, bakeMs }: Step,
  traffic: Traffic,
  parts: ReleasePorts,
  notes: StageNotes,
  signal: AbortSignal,
): Promise<void> {
  await traffic.shift(percentage);
  const { candidate, previous: baseline } = traffic;
  const { source, judge, clock } = parts;
  const stop = new AbortController();
  const observation = AbortSignal.any([signal, stop.signal, AbortSignal.timeout(bakeMs + SILENCE_MS)]);
  const endsAt = clock.now() + bakeMs;
  try {
    for await (const comparison of source.observe({ candidate, baseline, signal: observation })) {
      if (signal.aborted) break;
      notes.comparison(comparison);
      const verdict = judge(comparison, { isOver: isComplete(comparison, clock.now() - endsAt) });
      if (verdict.kind === "undecided") continue;
      if (verdict.kind !== "healthy") throw new StageFailure([...verdict.reasons, ...comparison.examples]);
      for (const reason of verdict.reasons) notes.detail(reason);
      return;
    }
  } finally {
    stop.abort();
  }
  signal.throwIfAborted();
  throw new StageFailure(["The measurements ended before a verdict."]);
}

/**
 * Whether nothing is missing from the numbers of the time that ended `sinceEndMs` ago: a version that hangs shows in the
 * requests that are still under way then. The source counts them as failed before long, so that this ends.
 */
function isComplete({ oldestPendingMs = 0 }: Comparison, sinceEndMs: number): boolean {
  return sinceEndMs >= 0 && (oldestPendingMs < PATIENCE_MS || oldestPendingMs <= sinceEndMs);
}
