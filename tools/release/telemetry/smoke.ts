import type { Clock } from "../measure/clock.ts";
import { StageFailure } from "../stage-failure.ts";
import { type Counts, findLowered, type MetricsAnswer, type MetricsOptions, readMetrics } from "./metrics.ts";

/** Objects that have just got another version may still be on their way: `/metrics` answers 503 rather than tell the half of it. */
const PATIENCE_MS = 30_000;
const POLL_MS = 500;
const SHOWN = 5;

export interface SmokeOptions {
  readonly metrics: MetricsOptions;
  readonly versionId: string;
  /** Whether it has to be asked by the override. */
  readonly usesOverride: boolean;
  /** What was counted before; nothing of it may be less. */
  readonly before: Counts;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Looks at `/metrics`: it knows the token, refuses whoever has none, comes from the version, and has forgotten nothing.
 * @throws StageFailure
 */
export async function smokeTelemetry(options: SmokeOptions): Promise<Counts> {
  const { metrics, versionId, usesOverride, before, signal } = options;
  const asked = usesOverride ? versionId : null;
  const counts = checkAnswer(await readPatiently(options, asked), { versionId, before });
  const stranger = await readMetrics({ ...metrics, token: "" }, asked, signal);
  if (stranger.status !== 401) {
    throw new StageFailure([`Without a token, /metrics gives ${stranger.status ?? "no answer"} instead of 401.`]);
  }
  return counts;
}

function checkAnswer(answer: MetricsAnswer, { versionId, before }: Pick<SmokeOptions, "versionId" | "before">): Counts {
  if (answer.status !== 200) {
    throw new StageFailure([`/metrics gives ${answer.status ?? "no answer"}: ${answer.words || "nothing more"}`]);
  }
  if (answer.versionId !== versionId) {
    throw new StageFailure([
      `/metrics is answered by ${answer.versionId ?? "a version without a name"}, not by ${versionId}.`,
    ]);
  }
  const lowered = findLowered(before, answer.counts);
  if (lowered.length > 0) throw new StageFailure(lowered.slice(0, SHOWN));
  return answer.counts;
}

async function readPatiently({ metrics, clock, signal }: SmokeOptions, asked: string | null) {
  const deadline = clock.now() + PATIENCE_MS;
  for (;;) {
    const answer = await readMetrics(metrics, asked, signal);
    const isPassing = answer.status === null || answer.status >= 500;
    if (!isPassing || clock.now() >= deadline) return answer;
    await clock.sleep(POLL_MS, signal);
  }
}
