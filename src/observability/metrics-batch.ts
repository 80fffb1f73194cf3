import type { CircuitTransition } from "../resilience/circuit-breaker.ts";

/**
 * Upper bounds of the histograms in milliseconds, as finite as they are told: what is longer than the last is in one bucket more.
 * Both Workers know them by this list, and telemetry refuses batches of another length.
 */
export const BUCKET_BOUNDS_MS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const;

/** Methods that are told apart; clients may invent as many as they like. */
export const KNOWN_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** What stands for every value of a label that is not told apart. */
export const OTHER = "other";

/** So old a batch may be when it is sent again: telemetry knows the ids of its batches for twice as long. */
export const BATCH_EXPIRES_MS = 30 * 60_000;

/**
 * Number of the contract between the two Workers: what a batch holds and which methods there are. It is raised when an older
 * telemetry Worker would refuse what the API sends; telemetry takes what the contract before said for one release longer.
 * `METRICS_CONTRACT` in `telemetry/wrangler.toml` says it to those who release.
 */
export const METRICS_CONTRACT = 1;

/** Durations of one series since the batch before. */
export interface Durations {
  /** Whole milliseconds: their sums are exact. */
  readonly sumMs: number;
  /** How many were in each bucket (not cumulative): one count for each bound, and one for what is longer. */
  readonly buckets: readonly number[];
}

export interface RequestDurations extends Durations {
  readonly method: string;
  /** Template of the path; `other` where none matched. */
  readonly route: string;
  readonly status: number;
}

export interface StatementDurations extends Durations {
  readonly statement: string;
}

/** Counters that have no histogram, with their labels in order. */
export const COUNTER_LABELS = {
  db_errors_total: ["kind"],
  db_retries_total: ["statement"],
  circuit_breaker_transitions_total: ["from", "to"],
  load_shedding_refused_total: [],
  telemetry_lost_measurements_total: ["reason"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type CounterName = keyof typeof COUNTER_LABELS;

export interface CounterIncrease {
  readonly name: CounterName;
  /** Values of its labels, in their order. */
  readonly labels: readonly string[];
  readonly value: number;
}

export type BreakerState = CircuitTransition["to"];

/** What one isolate has measured since its batch before. A batch that is sent again is the same, with the same id. */
export interface MetricsBatch {
  /** 32 hex digits, drawn by chance. */
  readonly id: string;
  /** 16 hex digits that name the isolate. */
  readonly isolate: string;
  /** Milliseconds since 1970. */
  readonly takenAt: number;
  /** The version of the Worker; an empty tag when it has none. */
  readonly version: { readonly id: string; readonly tag: string };
  readonly requests: readonly RequestDurations[];
  readonly statements: readonly StatementDurations[];
  readonly counters: readonly CounterIncrease[];
  readonly breaker: BreakerState;
}

/**
 * `recorded`: every measurement counts now. `repeated`: it did before. `stale`: too old to know whether it did, so it does not.
 * `malformed`: this is no batch; sending it again changes nothing.
 */
export type BatchOutcome = "recorded" | "repeated" | "stale" | "malformed";

/** Where batches go: the entrypoint of the telemetry Worker. */
export interface MetricsSink {
  record(batch: MetricsBatch): Promise<BatchOutcome>;
}
