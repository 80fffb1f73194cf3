import type { Durations, Exemplar } from "../../src/observability/metrics-batch.ts";

/** Histograms that are kept, by the names of what they measure; `catalogue.ts` says what they are called outside. */
export type HistogramName = "http_request" | "db_query";

/** What makes one series of histograms. */
export interface SeriesKey {
  readonly name: HistogramName;
  readonly labels: readonly string[];
  /** Empty where versions are not told apart. */
  readonly version: string;
}

export interface StoredHistogram extends SeriesKey, Durations {}

export interface StoredExemplar extends SeriesKey, Exemplar {}

export interface StoredCounter {
  readonly name: string;
  readonly labels: readonly string[];
  readonly value: number;
}

export interface StoredSeries {
  readonly histograms: readonly StoredHistogram[];
  readonly counters: readonly StoredCounter[];
}

export interface StoredVersion {
  readonly id: string;
  readonly tag: string;
  /** When it was last heard of, to within an hour; milliseconds since 1970. */
  readonly seenAt: number;
}

/** What one isolate last said of its circuit breaker. */
export interface BreakerReport {
  readonly isolate: string;
  readonly state: string;
  /** Milliseconds since 1970, by the isolate's clock. */
  readonly at: number;
}

/** All that one shard has counted since it exists. */
export interface ShardState extends StoredSeries {
  readonly versions: readonly StoredVersion[];
  readonly breakers: readonly BreakerReport[];
  /** Absent where the object still runs the version before, which knows none. */
  readonly exemplars?: readonly StoredExemplar[];
}
