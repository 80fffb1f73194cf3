import { MAX_EXTENSION, phaseOf } from "../judge/window.ts";
import type { ReleasePorts } from "../ports.ts";
import type { StageNotes } from "../report/journal.ts";
import { StageFailure } from "../stage-failure.ts";
import type { Traffic } from "../traffic/traffic.ts";

/** A source that is so much too late is broken; waiting on would keep a split nobody watches. */
const SILENCE_MS = 60_000;
/** At this share the old version has no users left. */
const ALL = 100;
const EXTENDED = `In doubt when the time was over, so it was watched for longer, up to ${MAX_EXTENSION} times as long.`;

export interface Step {
  readonly percentage: number;
  readonly bakeMs: number;
}

/** Gives the new version its share and watches it beside the old one until the verdict is there. */
export async function takeStep(
  { percentage, bakeMs }: Step,
  traffic: Traffic,
  ports: ReleasePorts,
  notes: StageNotes,
  signal: AbortSignal,
): Promise<void> {
  await traffic.shift(percentage);
  const { candidate, previous: baseline } = traffic;
  const { source, judge, clock } = ports;
  const stop = new AbortController();
  const observation = AbortSignal.any([signal, stop.signal, AbortSignal.timeout(bakeMs * MAX_EXTENSION + SILENCE_MS)]);
  const startedAt = clock.now();
  let isExtended = false;
  try {
    for await (const comparison of source.observe({ candidate, baseline, signal: observation })) {
      if (signal.aborted) break;
      notes.comparison(comparison);
      const { oldestPendingMs = 0 } = comparison;
      const phase = phaseOf({ passedMs: clock.now() - startedAt, bakeMs, oldestPendingMs });
      const verdict = judge(comparison, { phase, isPeerIdle: percentage === ALL });
      if (verdict.kind === "undecided") {
        if (phase === "due" && !isExtended) notes.detail(EXTENDED);
        isExtended ||= phase === "due";
        continue;
      }
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
