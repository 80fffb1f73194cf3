import { createDecider, type Decision } from "../judge/decide.ts";
import type { ProbesPhase, Verdict } from "../judge/judge.ts";
import { MAX_EXTENSION, phaseOf } from "../judge/window.ts";
import type { Comparison } from "../measure/measurement.ts";
import type { MetricsWatch } from "../metrics/observation.ts";
import type { ReleasePlan, ReleasePorts } from "../ports.ts";
import type { StageNotes } from "../report/journal.ts";
import { StageFailure } from "../stage-failure.ts";
import type { Traffic } from "../traffic/traffic.ts";
import { takeFirstLook } from "./first-look.ts";
import { openMetricsGate } from "./metrics-gate.ts";

/** A source that is so much too late is broken; waiting on would keep a split nobody watches. */
const SILENCE_MS = 60_000;
/** At this share the old version has no users left. */
const ALL = 100;
const EXTENDED = `, so it was watched for longer, up to ${MAX_EXTENSION} times as long.`;

export interface Step extends Pick<ReleasePlan, "bakeMs" | "isMetricsRequired" | "findOneIn"> {
  readonly percentage: number;
  /** What all requests met since the first step began; null when nothing tells. */
  readonly metrics: MetricsWatch | null;
  /** Whether no user has met the new version before. */
  readonly isFirst: boolean;
}

/** Gives the new version its share and watches it beside the old one until the verdict is there. */
export async function takeStep(
  step: Step,
  traffic: Traffic,
  ports: ReleasePorts,
  notes: StageNotes,
  signal: AbortSignal,
): Promise<void> {
  const before = step.isFirst ? await takeFirstLook(traffic, ports, notes, signal) : undefined;
  await traffic.shift(step.percentage);
  const { candidate, previous: baseline } = traffic;
  const stop = new AbortController();
  const limit = AbortSignal.timeout(step.bakeMs * MAX_EXTENSION + SILENCE_MS);
  const observation = AbortSignal.any([signal, stop.signal, limit]);
  try {
    const comparisons = ports.source.observe({ candidate, baseline, signal: observation });
    await watch(step, { comparisons, before }, ports, notes, signal);
  } finally {
    stop.abort();
  }
}

interface Seen {
  readonly comparisons: AsyncIterable<Comparison>;
  /** At the first look. */
  readonly before: Comparison | undefined;
}

async function watch(
  step: Step,
  { comparisons, before }: Seen,
  { judge, clock }: ReleasePorts,
  notes: StageNotes,
  signal: AbortSignal,
): Promise<void> {
  const { percentage, bakeMs } = step;
  const startedAt = clock.now();
  const isPeerIdle = percentage === ALL;
  const metrics = openMetricsGate(step, { isPeerIdle, startedAt, clock });
  const decide = createDecider();
  let isExtended = false;
  for await (const comparison of comparisons) {
    if (signal.aborted) break;
    notes.comparison(comparison);
    const { oldestPendingMs = 0 } = comparison;
    const phase = phaseOf({ passedMs: clock.now() - startedAt, bakeMs, oldestPendingMs });
    const judgeProbes = (at: ProbesPhase): Verdict => judge(comparison, { phase: at, isPeerIdle, before });
    const decision = decide(judgeProbes, metrics.judge(comparison, phase), phase);
    if (decision.kind !== "undecided") {
      metrics.report(notes);
      conclude(decision, comparison, notes);
      return;
    }
    if (phase !== "due" || isExtended || decision.waitsFor === null) continue;
    isExtended = true;
    notes.detail(`${decision.waitsFor}${EXTENDED}`);
  }
  signal.throwIfAborted();
  throw new StageFailure(["The measurements ended before a verdict."]);
}

/** @throws StageFailure unless the new version is sound */
function conclude(
  { kind, reasons, foundBy }: Exclude<Decision, { kind: "undecided" }>,
  { examples }: Comparison,
  notes: StageNotes,
): void {
  if (kind !== "healthy") throw new StageFailure([...reasons, ...examples], foundBy);
  for (const reason of reasons) notes.detail(reason);
}
