import type { IdempotencyKeyRepository } from "../models/idempotency.ts";
import type { Work } from "../models/work.ts";

/** What no client waits for. */
export interface MaintenanceService {
  /** Removes what has expired. Gives the number of removed idempotency keys. */
  sweep(work: Work): Promise<number>;
}

export interface MaintenanceServiceOptions {
  readonly idempotencyKeys: IdempotencyKeyRepository;
  readonly now: () => Date;
}

export function createMaintenanceService({ idempotencyKeys, now }: MaintenanceServiceOptions): MaintenanceService {
  return { sweep: (work) => idempotencyKeys.deleteExpired(now(), work) };
}
