/** Where answers to keyed requests are kept until they expire. */
export interface IdempotencyKeyRepository {
  /** Removes keys that expired before `time`; one statement. Gives how many. */
  deleteExpired(time: Date): Promise<number>;
}

/** Work that no client waits for. */
export interface MaintenanceService {
  /** Removes what has expired. Gives the number of removed idempotency keys. */
  sweep(): Promise<number>;
}

export interface MaintenanceServiceOptions {
  readonly idempotencyKeys: IdempotencyKeyRepository;
  readonly now: () => Date;
}

export function createMaintenanceService({ idempotencyKeys, now }: MaintenanceServiceOptions): MaintenanceService {
  return { sweep: () => idempotencyKeys.deleteExpired(now()) };
}
