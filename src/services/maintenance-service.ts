import type { IdempotencyKeyRepository } from "../models/idempotency.ts";

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
