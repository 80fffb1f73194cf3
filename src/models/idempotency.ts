import type { CallContext } from "./call-context.ts";

/** A client's wish that a request has its effect once, however often it is sent. */
export interface IdempotencyClaim {
  /** Who sent it: keys of different callers never meet. */
  readonly caller: string;
  readonly key: string;
  /** Tells requests apart that use the same key for different payloads. */
  readonly requestHash: string;
}

/** A claim with the response to store, should it be the first. */
export interface IdempotencyRecord extends IdempotencyClaim {
  /** HTTP status and body. */
  readonly status: number;
  readonly response: string;
  readonly createdAt: Date;
  /** From then on the key is free again. */
  readonly expiresAt: Date;
}

/** The response of the first request with a key, word for word. */
export interface StoredResponse {
  readonly status: number;
  readonly body: string;
  /** False when this very request was the first. */
  readonly isReplay: boolean;
}

/** Where responses to keyed requests are kept until they expire. */
export interface IdempotencyKeyRepository {
  /** Removes keys that expired before `time`; one statement. Gives how many. */
  deleteExpired(time: Date, context: CallContext): Promise<number>;
}
