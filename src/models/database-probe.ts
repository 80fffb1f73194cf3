import type { Work } from "./work.ts";

/** What the service asks of the database to tell its own health. Each method is one round trip. */
export interface DatabaseProbe {
  /** Fails with an `AppError` when the database does not answer. */
  ping(work: Work): Promise<void>;
  /** Whether the migration of that name has been applied. */
  hasMigration(name: string, work: Work): Promise<boolean>;
}
