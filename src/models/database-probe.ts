import type { CallContext } from "./call-context.ts";

/** What the service asks of the database to tell its own health. Each method is one round trip. */
export interface DatabaseProbe {
  /** Fails with an `AppError` when the database does not answer. */
  ping(context: CallContext): Promise<void>;
  /** Whether the migration of that name has been applied. */
  hasMigration(name: string, context: CallContext): Promise<boolean>;
}
