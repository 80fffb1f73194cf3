/** Requests are told apart by the second in which they were sent: those of one second share its weather. */
export const BLOCK_MS = 1_000;
/**
 * A hundred times as long as a read takes, and before the service itself gives up after 5 s: whoever waits for so long
 * counts as failed until the answer is there.
 */
export const OVERDUE_MS = 3_000;

/** What became of the requests that were sent to one version within one second; times in milliseconds. */
export interface Block {
  /** From sending until the whole answer was there, of those that succeeded. */
  readonly succeededMs: readonly number[];
  /** From sending until it was known, of those that failed: no answer, a 5xx, or an answer that is wrong. */
  readonly failedMs: readonly number[];
  /** For how long those have been under way that have not ended. */
  readonly waitingMs: readonly number[];
}

/** What was seen of one version in a window of time. */
export interface Measurement {
  /** Requests that this version answered, that were lost on the way to it, or that it has owed an answer for too long. */
  readonly samples: number;
  /** Those that failed: no answer, a 5xx, or an answer that is wrong. */
  readonly errors: number;
  /** Milliseconds until the whole answer was there, of those that succeeded, in no order; a fair sample when there are many. */
  readonly latenciesMs: readonly number[];
  /** The same second by second since the start of the window. */
  readonly blocks: readonly Block[];
}

/** The new version beside the old one, over the same window. */
export interface Comparison {
  readonly candidate: Measurement;
  readonly baseline: Measurement;
  /** A few failures of the candidate in words, for the report; nothing personal. */
  readonly examples: readonly string[];
  /**
   * Milliseconds for which the oldest request has been under way that neither version's numbers contain yet; 0 when there
   * is none, and when it is not known.
   */
  readonly oldestPendingMs?: number;
}

export interface ObserveOptions {
  /** Ids of the two versions; both are part of the live deployment. */
  readonly candidate: string;
  readonly baseline: string;
  /** Ends the observation. */
  readonly signal: AbortSignal;
}

/** Where a release learns how the two versions do. */
export interface MeasurementSource {
  /** Said in the report: what is measured, and how. */
  readonly description: string;
  /** Gives the comparison since the start of the call, about once a second, until the signal aborts; never throws then. */
  observe(options: ObserveOptions): AsyncIterable<Comparison>;
}
