import type { CallContext } from "../models/call-context.ts";
import type { IdempotencyKeyRepository } from "../models/idempotency.ts";

/** What no client waits for. */
export interface MaintenanceService {
  /** Removes what has expired. Gives the number of removed idempotency keys. */
  sweep(context: CallContext): Promise<number>;
}

export interface MaintenanceServiceOptions {
  readonly idempotencyKeys: IdempotencyKeyRepository;
  readonly now: () => Date;
}

export function createMaintenanceService({ idempotencyKeys, now }: MaintenanceServiceOptions): MaintenanceService {
  return { sweep: (context) => idempotencyKeys.deleteExpired(now(), context) };
}
