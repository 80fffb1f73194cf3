import type { Comparison } from "../measure/measurement.ts";
import type { ReleasePorts } from "../ports.ts";
import type { StageNotes } from "../report/journal.ts";
import { StageFailure } from "../stage-failure.ts";
import type { Traffic } from "../traffic/traffic.ts";

/** Long enough for what fails often; the rest is for the step that follows, which knows what was seen here. */
const LOOK_MS = 4_000;
const WINDOW = { phase: "open", isPeerIdle: false } as const;

/**
 * Watches the new version while it has no users: probes ask for it by name, so that whoever would have met a grave fault
 * is spared it.
 * @returns what was seen, if anything
 * @throws StageFailure when that is enough to reject it
 */
export async function takeFirstLook(
  { candidate, previous: baseline }: Traffic,
  { source, judge, clock }: ReleasePorts,
  notes: StageNotes,
  signal: AbortSignal,
): Promise<Comparison | undefined> {
  const endsAt = clock.now() + LOOK_MS;
  let seen: Comparison | undefined;
  // A source that is silent is for the step to complain of.
  const limit = AbortSignal.timeout(2 * LOOK_MS);
  for await (seen of source.observe({ candidate, baseline, signal: AbortSignal.any([signal, limit]) })) {
    if (signal.aborted) break;
    notes.comparison(seen);
    const verdict = judge(seen, WINDOW);
    if (verdict.kind === "unhealthy") throw new StageFailure([...verdict.reasons, ...seen.examples]);
    if (clock.now() >= endsAt) break;
  }
  signal.throwIfAborted();
  return seen;
}
