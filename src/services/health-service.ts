import type { DatabaseProbe } from "../models/database-probe.ts";
import type { Work } from "../models/work.ts";

export type CheckResult = "healthy" | "unhealthy";

/** Results by check name; the service is fit when all are healthy. */
export interface HealthReport {
  readonly isHealthy: boolean;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

export interface HealthService {
  /** Can this instance answer requests now? Never fails, and ends when its work does. */
  readiness(work: Work): Promise<HealthReport>;
  /** Is the database at least as new as this version of the code? Never fails. */
  startup(work: Work): Promise<HealthReport>;
}

export interface HealthServiceOptions {
  readonly database: DatabaseProbe;
  /** Name of the newest migration this code was written for. */
  readonly expectedMigration: string;
  /** Receives the reason of a failed check, for the log; clients see only the result. */
  readonly onFailure: (check: string, error: unknown, work: Work) => void;
}

export function createHealthService({ database, expectedMigration, onFailure }: HealthServiceOptions): HealthService {
  const check = async (work: Work, name: string, probe: () => Promise<boolean>): Promise<CheckResult> => {
    try {
      return (await probe()) ? "healthy" : "unhealthy";
    } catch (error) {
      onFailure(name, error, work);
      return "unhealthy";
    }
  };

  return {
    async readiness(work) {
      const state = await check(work, "database", async () => {
        await database.ping(work);
        return true;
      });
      return { isHealthy: state === "healthy", checks: { database: state } };
    },

    async startup(work) {
      const state = await check(work, "migrations", () => database.hasMigration(expectedMigration, work));
      return { isHealthy: state === "healthy", checks: { configuration: "healthy", migrations: state } };
    },
  };
}
