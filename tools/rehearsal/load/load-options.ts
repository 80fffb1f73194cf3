import type { KnownUser } from "./book.ts";

/** What the load is made of; can be sent to another thread. */
export interface LoadOptions {
  /** Where the service listens. */
  readonly origin: string;
  /** Where a Worker that does nothing listens, behind the same proxy. */
  readonly controlOrigin: string;
  /** Requests per second; null measures first how many this machine has room for. */
  readonly rate: number | null;
  /** What it is at most where it is measured. */
  readonly maxRate: number;
  readonly seed: number;
  /** Enough of them that none meets its rate limit. */
  readonly apiKeys: readonly string[];
  /** Users that are in the database; nobody else may change them. */
  readonly users: readonly KnownUser[];
}
