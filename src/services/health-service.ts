import type { CallContext } from "../models/call-context.ts";
import type { DatabaseProbe } from "../models/database-probe.ts";

export type CheckResult = "healthy" | "unhealthy";

/** Results by check name; the service is fit when all are healthy. */
export interface HealthReport {
  readonly isHealthy: boolean;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

export interface HealthService {
  /** Can this instance answer requests now? Never fails, and ends when the context does. */
  readiness(context: CallContext): Promise<HealthReport>;
  /** Is the database at least as new as this version of the code? Never fails. */
  startup(context: CallContext): Promise<HealthReport>;
}

export interface HealthServiceOptions {
  readonly database: DatabaseProbe;
  /** Name of the newest migration this code was written for. */
  readonly expectedMigration: string;
  /** Receives the reason of a failed check, for the log; clients see only the result. */
  readonly onFailure: (check: string, error: unknown, context: CallContext) => void;
}

export function createHealthService({ database, expectedMigration, onFailure }: HealthServiceOptions): HealthService {
  const check = async (context: CallContext, name: string, probe: () => Promise<boolean>): Promise<CheckResult> => {
    try {
      return (await probe()) ? "healthy" : "unhealthy";
    } catch (error) {
      onFailure(name, error, context);
      return "unhealthy";
    }
  };

  return {
    async readiness(context) {
      const state = await check(context, "database", async () => {
        await database.ping(context);
        return true;
      });
      return { isHealthy: state === "healthy", checks: { database: state } };
    },

    async startup(context) {
      const state = await check(context, "migrations", () => database.hasMigration(expectedMigration, context));
      return { isHealthy: state === "healthy", checks: { configuration: "healthy", migrations: state } };
    },
  };
}
