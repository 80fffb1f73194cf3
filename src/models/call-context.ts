/** What every call of a service or repository is given: on whose behalf it is made, be it a request or a run of the cron trigger. */
export interface CallContext {
  /** Names it in the log. */
  readonly id: string;
  /** The trace that it belongs to, 32 hex digits; null when it belongs to none. */
  readonly traceId: string | null;
  /** Ends its calls: nothing that waits outlives it. */
  readonly signal: AbortSignal;
  /** Counts a round trip to the database, and the milliseconds that it took. */
  countQuery(durationMs: number): void;
}
