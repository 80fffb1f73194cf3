import type { Work } from "./work.ts";

/** A client's wish that a request has its effect once, however often it is sent. */
export interface IdempotencyClaim {
  /** Who sent it: keys of different callers never meet. */
  readonly caller: string;
  readonly key: string;
  /** Tells requests apart that use the same key for different payloads. */
  readonly requestHash: string;
}

/** A claim with the answer that will be stored, should it be the first. */
export interface IdempotentAnswer extends IdempotencyClaim {
  /** HTTP status and body. */
  readonly status: number;
  readonly response: string;
  readonly createdAt: Date;
  /** From then on the key is free again. */
  readonly expiresAt: Date;
}

/** What became of a claim. */
export type ClaimOutcome =
  /** Its answer was stored, now or by an earlier request with the same key and payload. */
  | { readonly kind: "answered"; readonly status: number; readonly response: string; readonly isReplay: boolean }
  /** The key stands for another payload. */
  | { readonly kind: "reused" }
  /** A request with this key is running. */
  | { readonly kind: "in-use" };

/** Where answers to keyed requests are kept until they expire. */
export interface IdempotencyKeyRepository {
  /** Removes keys that expired before `time`; one statement. Gives how many. */
  deleteExpired(time: Date, work: Work): Promise<number>;
}
