/** Database work done for one request. */
export interface DatabaseUsage {
  roundTrips: number;
  /** Milliseconds. */
  durationMs: number;
}

/** A request that is being answered. */
export interface TimedRequest {
  /** When it came in, in milliseconds of the clock that durations are measured by. */
  readonly startedAt: number;
  readonly databaseUsage: Readonly<DatabaseUsage>;
}

/** The value of `Server-Timing` for an answer that is being made (https://www.w3.org/TR/server-timing/). */
export type ServerTiming = (target: TimedRequest) => string;

/**
 * Tells the milliseconds that were spent waiting for the database, and in all, since the request came in. `clock` in
 * milliseconds; at Cloudflare it stands still while nothing is waited for, so that computing alone reads as 0.
 */
export function serverTiming(clock: () => number): ServerTiming {
  return ({ startedAt, databaseUsage }) => `db;dur=${databaseUsage.durationMs}, total;dur=${clock() - startedAt}`;
}
