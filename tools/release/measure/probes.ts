import { systemClock, type Clock } from "./clock.ts";
import type { Comparison, MeasurementSource, ObserveOptions } from "./measurement.ts";
import { runProbes, type RunnerOptions } from "./probe-runner.ts";
import { createTally } from "./tally.ts";

export interface ProbeOptions {
  /** Origin of the deployment, as in `https://users.example.com`. */
  readonly url: string;
  /** Name of the Worker in the override header. */
  readonly scriptName: string;
  /** Taken in turns. Each has a rate limit of its own, so that more of them allow more probes; none for an open API. */
  readonly apiKeys: readonly string[];
  /** Requests per second to each of the two versions. */
  readonly ratePerVersion: number;
  /** After so many milliseconds a request has failed; by default 10,000. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  /** From 0 up to but not including 1. */
  readonly random?: () => number;
}

const TIMEOUT_MS = 10_000;
const REPORT_EVERY_MS = 1_000;

/**
 * Compares two versions by requests of its own that only read, pinned to one version each by the override header. An
 * answer that names another version counts for neither.
 */
export function createProbeSource(options: ProbeOptions): MeasurementSource {
  const { scriptName, apiKeys, ratePerVersion } = options;
  const { timeoutMs = TIMEOUT_MS, clock = systemClock, random = Math.random } = options;
  const send = { url: new URL(options.url).origin, scriptName, timeoutMs, fetch: options.fetch ?? fetch, clock };
  return {
    description: `probes: GET requests pinned to each version by the override header, ${ratePerVersion} a second to each`,
    observe: (versions) => observe(versions, { send, clock, random, apiKeys, ratePerVersion }),
  };
}

type Settings = Omit<RunnerOptions, "candidate" | "baseline">;

async function* observe(options: ObserveOptions, settings: Settings): AsyncGenerator<Comparison, void> {
  const { clock, random } = settings;
  const tallyOptions = { random, now: () => clock.now(), startedAt: clock.now() };
  const candidate = createTally(options.candidate, tallyOptions);
  const baseline = createTally(options.baseline, tallyOptions);
  const versions = {
    candidate: { id: options.candidate, tally: candidate },
    baseline: { id: options.baseline, tally: baseline },
  };
  // Also ends when whoever reads stops reading.
  const stop = new AbortController();
  const probes = runProbes({ ...settings, ...versions }, AbortSignal.any([options.signal, stop.signal]));
  try {
    for (;;) {
      await clock.sleep(REPORT_EVERY_MS, options.signal);
      if (options.signal.aborted) return;
      yield {
        candidate: candidate.measurement(),
        baseline: baseline.measurement(),
        oldestPendingMs: Math.max(candidate.oldestPendingMs(), baseline.oldestPendingMs()),
        examples: [...candidate.examples(), ...baseline.misrouting()],
      };
    }
  } finally {
    stop.abort();
    await probes;
  }
}
