/** A stretch of load. */
export type Stretch =
  /** So many at once, each sent when the one before it is answered: finds the capacity. */
  | { readonly kind: "closed"; readonly connections: number; readonly seconds: number }
  /** So many a second, whatever comes back. */
  | { readonly kind: "open"; readonly rate: number; readonly seconds: number };

/** What the process that makes the load is told. */
export interface OverloadJob {
  readonly origin: string;
  readonly apiKey: string;
  /** Stretches that follow each other without a pause. */
  readonly stretches: readonly Stretch[];
}

/** One request: when it was due, from the beginning of its stretch, and what became of it. */
export interface Sent {
  readonly dueMs: number;
  /** From when it was due until its answer was whole, or was given up. */
  readonly ms: number;
  /** Of the answer; 0 for none. */
  readonly status: number;
  /** Whether the answer says when to come back. */
  readonly hasRetryAfter: boolean;
  /** Why there is no answer, as ECONNRESET; null for one. */
  readonly failure: string | null;
}

export interface StretchResult {
  readonly seconds: number;
  readonly sent: readonly Sent[];
  /** Of `GET /health`, all the time beside it. */
  readonly health: readonly Sent[];
  /** The longest that the process itself came late, in ms: what it had no room for is not the service's doing. */
  readonly maxLagMs: number;
}
