import { StageFailure } from "../../stage-failure.ts";
import type { LookedAt, LookedAtVersion, Looks } from "../companion.ts";
import { askPatiently } from "../patience.ts";
import { type Counts, findLowered, type MetricsAnswer, type MetricsOptions, readMetrics } from "./metrics.ts";

const SHOWN = 5;

export interface TelemetryLooksOptions extends LookedAt {
  readonly token: string;
  readonly fetch?: typeof fetch;
}

/** Looks at `/metrics`: it knows the token, refuses whoever has none, comes from the version, and has forgotten nothing. */
export function createTelemetryLooks(options: TelemetryLooksOptions): Looks {
  const { url } = options;
  /** What was counted when it was last looked at; nothing of it may be less. */
  let before: Counts = new Map();
  return {
    /** Also shows that the address is that Worker's, and that the token is right. */
    async before(signal) {
      const { status, counts, words } = await readMetrics(options, null, signal);
      const advice = status === 403 ? " Check METRICS_TOKEN." : " Check TELEMETRY_URL.";
      if (status !== 200) {
        throw new StageFailure([`${url}/metrics gives ${status ?? "no answer"}: ${words || "nothing more"}.${advice}`]);
      }
      before = counts;
      return `/metrics tells of ${counts.size} counters.`;
    },
    async at(version, signal) {
      before = await examine(options, { ...version, before }, signal);
      return `/metrics of the new version tells of ${before.size} counters, none lower than before.`;
    },
  };
}

/** @throws StageFailure */
async function examine(
  options: TelemetryLooksOptions,
  { versionId, usesOverride, before }: LookedAtVersion & { readonly before: Counts },
  signal: AbortSignal,
): Promise<Counts> {
  const asked = usesOverride ? versionId : null;
  // Objects that have just got another version may still be on their way: it answers 503 rather than tell the half of it.
  const answer = await askPatiently(() => readMetrics(options, asked, signal), isPassing, options.clock, signal);
  const counts = checkAnswer(answer, { versionId, before });
  const stranger = await readMetrics({ ...options, token: "" } satisfies MetricsOptions, asked, signal);
  if (stranger.status !== 401) {
    throw new StageFailure([`Without a token, /metrics gives ${stranger.status ?? "no answer"} instead of 401.`]);
  }
  return counts;
}

function isPassing({ status }: MetricsAnswer): boolean {
  return status === null || status >= 500;
}

function checkAnswer(
  answer: MetricsAnswer,
  { versionId, before }: { readonly versionId: string; readonly before: Counts },
): Counts {
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
