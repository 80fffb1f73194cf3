import { describe, test } from "vitest";

import type { DatabaseProbe } from "../../src/models/database-probe.ts";
import { AppError } from "../../src/models/errors.ts";
import { createHealthService } from "../../src/services/health-service.ts";
import { withContext } from "../support/call-context.ts";

const FAILURE = new AppError("database-unavailable");

/** The service over a probe of which some answers are replaced, with a record of what it asked and reported. */
function given(replaced: Partial<DatabaseProbe> = {}) {
  const asked: string[] = [];
  const failures: { check: string; error: unknown }[] = [];
  const probe: DatabaseProbe = { ping: async () => {}, hasMigration: async () => true, ...replaced };
  const health = withContext(
    createHealthService({
      database: {
        ping: (context) => {
          asked.push("ping");
          return probe.ping(context);
        },
        hasMigration: (name, context) => {
          asked.push(`migration ${name}`);
          return probe.hasMigration(name, context);
        },
      },
      expectedMigration: "0042_newest",
      onFailure: (check, error, { id }) => failures.push({ check: `${check} of ${id}`, error }),
    }),
  );
  return { health, asked, failures };
}

describe("readiness", () => {
  test("given a database that answers, when asked, then it is healthy after one ping", async ({ expect }) => {
    const { health, asked, failures } = given();
    expect(await health.readiness()).toEqual({ isHealthy: true, checks: { database: "healthy" } });
    expect(asked).toEqual(["ping"]);
    expect(failures).toEqual([]);
  });

  test.for<[string, DatabaseProbe["ping"]]>([
    ["rejects", () => Promise.reject(FAILURE)],
    [
      "throws",
      () => {
        throw FAILURE;
      },
    ],
  ])(
    "given a ping that %s, when asked, then it is unhealthy, never fails, and the log gets the reason",
    async ([, ping], { expect }) => {
      const { health, failures } = given({ ping });
      expect(await health.readiness()).toEqual({ isHealthy: false, checks: { database: "unhealthy" } });
      expect(failures).toEqual([{ check: "database of test-call", error: FAILURE }]);
    },
  );

  test("given a database that recovers, when asked again, then it is healthy again", async ({ expect }) => {
    let isDown = true;
    const { health } = given({ ping: () => (isDown ? Promise.reject(FAILURE) : Promise.resolve()) });
    expect((await health.readiness()).isHealthy).toBe(false);
    isDown = false;
    expect((await health.readiness()).isHealthy).toBe(true);
  });

  test("given a failed check, when asked, then the report holds no text of the error", async ({ expect }) => {
    const { health } = given({ ping: () => Promise.reject(new Error("password of db.internal")) });
    expect(JSON.stringify(await health.readiness())).not.toContain("db.internal");
  });
});

describe("start-up", () => {
  test("given the expected migration, when asked, then it is healthy after one question", async ({ expect }) => {
    const { health, asked, failures } = given();
    expect(await health.startup()).toEqual({
      isHealthy: true,
      checks: { configuration: "healthy", migrations: "healthy" },
    });
    expect(asked).toEqual(["migration 0042_newest"]);
    expect(failures).toEqual([]);
  });

  test("given a database that is behind, when asked, then only the migrations are unhealthy, and that is no error", async ({
    expect,
  }) => {
    const { health, failures } = given({ hasMigration: async () => false });
    expect(await health.startup()).toEqual({
      isHealthy: false,
      checks: { configuration: "healthy", migrations: "unhealthy" },
    });
    expect(failures).toEqual([]);
  });

  test("given a database that is down, when asked, then it is unhealthy, never fails, and the log gets the reason", async ({
    expect,
  }) => {
    const { health, failures } = given({ hasMigration: () => Promise.reject(FAILURE) });
    expect(await health.startup()).toEqual({
      isHealthy: false,
      checks: { configuration: "healthy", migrations: "unhealthy" },
    });
    expect(failures).toEqual([{ check: "migrations of test-call", error: FAILURE }]);
  });
});
