/** What one version answered to requests of one method and route within some time. */
export interface RouteCounts {
  readonly requests: number;
  /** Those that were answered with 5xx. */
  readonly failed: number;
  /** Those that were answered with 4xx, without 429, which depends on who asks. */
  readonly refused: number;
  /** Those that took more than a second, whatever the answer was. */
  readonly heldUp: number;
  /** Of those that succeeded: how many took as long as each bucket says, not cumulative; one more for what is longer than all bounds. */
  readonly buckets: readonly number[];
}

/** By method and path template, as in `POST /api/v1/users`. */
export type VersionCounts = ReadonlyMap<string, RouteCounts>;

/** What both versions answered between two readings of the metrics. */
export interface Tick {
  /** Milliseconds between the readings. */
  readonly ms: number;
  readonly candidate: VersionCounts;
  readonly baseline: VersionCounts;
}

/** All that the metrics have told since the observation began. */
export interface MetricsObservation {
  readonly ticks: readonly Tick[];
  /** Upper bounds of the buckets in milliseconds, ascending. */
  readonly boundsMs: readonly number[];
  /** The moment of the clock at which the last reading began that was understood; null before the first one. */
  readonly readAt: number | null;
  /** Why the last reading failed; null when it did not. */
  readonly failure: string | null;
  /** How often a counter was found lower than before. */
  readonly resets: number;
}

export interface MetricsVersions {
  readonly candidate: string;
  readonly baseline: string;
  /** Ends the observation. */
  readonly signal: AbortSignal;
}

/** An observation that goes on by itself. */
export interface MetricsWatch {
  /** What is known now. */
  read(): MetricsObservation;
}

/** Where a release learns what the two versions answered to all who asked. */
export interface MetricsSource {
  /** Reads once; a sentence on why that fails, null when it does not. */
  findProblem(signal: AbortSignal): Promise<string | null>;
  /** Begins to read, about once a second, until the signal aborts. Never throws. */
  watch(versions: MetricsVersions): MetricsWatch;
}
