import type { CallContext } from "../models/call-context.ts";
import type { IdempotencyKeyRepository } from "../models/idempotency.ts";
import type { UserEventRepository } from "../models/user-event.ts";

/** How many of each were removed. */
export interface Sweep {
  readonly idempotencyKeys: number;
  readonly userEvents: number;
}

/** What no client waits for. */
export interface MaintenanceService {
  /** Removes what has expired. */
  sweep(context: CallContext): Promise<Sweep>;
}

export interface MaintenanceServiceOptions {
  readonly idempotencyKeys: Pick<IdempotencyKeyRepository, "deleteExpired">;
  readonly userEvents: Pick<UserEventRepository, "deleteBefore">;
  /** How long events are kept. */
  readonly eventRetentionMs: number;
  readonly now: () => Date;
}

export function createMaintenanceService(options: MaintenanceServiceOptions): MaintenanceService {
  const { idempotencyKeys, userEvents, eventRetentionMs, now } = options;
  return {
    async sweep(context) {
      const time = now();
      const oldest = new Date(time.getTime() - eventRetentionMs);
      return {
        idempotencyKeys: await idempotencyKeys.deleteExpired(time, context),
        userEvents: await userEvents.deleteBefore(oldest, context),
      };
    },
  };
}
