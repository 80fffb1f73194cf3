import { UsersApiError, UsersNetworkError } from "./errors.ts";

export interface RetryPolicy {
  /** Requests per call, the first one included. */
  readonly maxAttempts: number;
  /** The first wait lasts up to this; each further one up to twice as long. */
  readonly baseDelayMs: number;
  /** No wait is drawn from more than this; the service may ask for longer ones. */
  readonly maxDelayMs: number;
  /** No call takes longer, with all its attempts and waits. */
  readonly maxTotalMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = {
  maxAttempts: 4,
  baseDelayMs: 200,
  maxDelayMs: 5_000,
  maxTotalMs: 30_000,
};

/** Statuses that say "not now"; a 500 might be the request's own fault, each time again. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** A request that may be repeated without doing its work twice. */
export function isRepeatable({ method, headers }: Request): boolean {
  switch (method) {
    case "GET":
    case "HEAD":
    case "DELETE":
      return true;
    case "POST":
      return headers.has("Idempotency-Key");
    case "PATCH":
      // "*" matches the state after the first attempt as well.
      return (headers.get("If-Match") ?? "*").trim() !== "*";
    default:
      return false;
  }
}

/** A failure that may be over by the next attempt. */
export function isTransient(error: unknown): error is UsersApiError | UsersNetworkError {
  if (error instanceof UsersNetworkError) return true;
  // The service asks to look before anything is repeated.
  if (error instanceof UsersApiError && error.code === "outcome-unknown") return false;
  return (
    error instanceof UsersApiError && (TRANSIENT_STATUSES.has(error.status) || error.code === "idempotency-key-in-use")
  );
}

/** Full jitter: anything from nothing to the exponential step, so that clients which failed together part ways. */
export function backoffMs(failures: number, policy: RetryPolicy, random: () => number): number {
  return random() * Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (failures - 1));
}

/** Milliseconds before the next attempt: what the service asked for, plus jitter. */
export function waitMs(error: UsersApiError | UsersNetworkError, policy: RetryPolicy, random: () => number): number {
  const asked = error instanceof UsersApiError ? (error.retryAfterMs ?? 0) : 0;
  return asked + backoffMs(error.attempts, policy, random);
}
