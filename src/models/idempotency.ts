/** Where answers to keyed requests are kept until they expire. */
export interface IdempotencyKeyRepository {
  /** Removes keys that expired before `time`; one statement. Gives how many. */
  deleteExpired(time: Date): Promise<number>;
}
