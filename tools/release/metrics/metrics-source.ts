import { type Clock, systemClock } from "../measure/clock.ts";
import { boundsOf, type Counters, readCounters, subtractCounters } from "./counters.ts";
import type { MetricsObservation, MetricsSource, MetricsVersions, MetricsWatch, Tick } from "./observation.ts";
import { scrape } from "./scrape.ts";

export interface MetricsSourceOptions {
  /** Of the metrics, as in `https://telemetry.example.com/metrics`. */
  readonly url: string;
  readonly token: string;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
}

const READ_EVERY_MS = 1_000;
/** A reading takes telemetry's time as well: it gets three times as long to rest. */
const REST = 3;

/**
 * Compares two versions by what telemetry has counted of all requests. Counters are read about once a second, and what was
 * added since the reading before is one tick. A reading that fails is skipped: the next one holds what it missed.
 */
export function createMetricsSource(options: MetricsSourceOptions): MetricsSource {
  return {
    async findProblem(signal) {
      try {
        await scrape({ ...options, signal });
        return null;
      } catch (error) {
        signal.throwIfAborted();
        return messageOf(error);
      }
    },
    watch: (versions) => watch(versions, options),
  };
}

interface Reading {
  readonly at: number;
  readonly candidate: Counters;
  readonly baseline: Counters;
}

function watch(versions: MetricsVersions, options: MetricsSourceOptions): MetricsWatch {
  const { clock = systemClock } = options;
  const ticks: Tick[] = [];
  let last: Reading | null = null;
  let known: Omit<MetricsObservation, "ticks"> = { boundsMs: [], readAt: null, failure: null, resets: 0 };

  const take = (reading: Reading): void => {
    const added = last === null ? null : subtract(reading, last);
    if (added !== null) ticks.push(added);
    const boundsMs = [reading.candidate, reading.baseline].map(boundsOf).find(({ length }) => length > 0);
    const isReset = last !== null && added === null;
    known = {
      boundsMs: boundsMs ?? known.boundsMs,
      readAt: reading.at,
      failure: null,
      resets: known.resets + Number(isReset),
    };
    last = reading;
  };
  const run = async (): Promise<void> => {
    while (!versions.signal.aborted) {
      const at = clock.now();
      try {
        const samples = await scrape({ ...options, signal: versions.signal });
        take({
          at,
          candidate: readCounters(samples, versions.candidate),
          baseline: readCounters(samples, versions.baseline),
        });
      } catch (error) {
        known = { ...known, failure: messageOf(error) };
      }
      await clock.sleep(Math.max(READ_EVERY_MS, REST * (clock.now() - at)), versions.signal);
    }
  };
  void run();
  return { read: () => ({ ...known, ticks: [...ticks] }) };
}

/** Null when counters were set back. */
function subtract(now: Reading, then: Reading): Tick | null {
  const candidate = subtractCounters(now.candidate, then.candidate);
  const baseline = subtractCounters(now.baseline, then.baseline);
  return candidate === null || baseline === null ? null : { ms: now.at - then.at, candidate, baseline };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
