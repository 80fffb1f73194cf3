import { describe, test } from "vitest";

import { readJson } from "../support/http-messages.ts";
import { createTestApp, type TestAppOptions } from "../support/test-app.ts";

type DatabaseProbe = NonNullable<TestAppOptions["probe"]>;

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A probe that remembers what it was asked. */
function recordProbe(probe: Partial<DatabaseProbe> = {}) {
  const asked: string[] = [];
  const recording: DatabaseProbe = {
    async ping(context) {
      asked.push("ping");
      await probe.ping?.(context);
    },
    async hasMigration(name, context) {
      asked.push(name);
      return (await probe.hasMigration?.(name, context)) ?? true;
    },
  };
  return { probe: recording, asked };
}

async function refuse(): Promise<never> {
  throw new Error("connect ECONNREFUSED ep-secret-1.neon.tech password=hunter2");
}

describe.for(["/health", "/health/live"])("%s", (path) => {
  test("says that the Worker runs, without asking the database", async ({ expect }) => {
    const { probe, asked } = recordProbe({ ping: refuse, hasMigration: refuse });
    const response = await createTestApp({ probe }).request(path);
    expect(response.status).toBe(200);
    expect(await readJson(response)).toEqual({ status: "ok", timestamp: expect.stringMatching(timestamp) });
    expect(asked).toEqual([]);
  });
});

describe.for(["/ready", "/health/ready"])("%s", (path) => {
  test("is 200 when the database answers, at the cost of one question", async ({ expect }) => {
    const { probe, asked } = recordProbe();
    const response = await createTestApp({ probe }).request(path);
    expect(response.status).toBe(200);
    expect(await readJson(response)).toEqual({
      status: "ready",
      timestamp: expect.stringMatching(timestamp),
      checks: { database: "healthy" },
    });
    expect(asked).toEqual(["ping"]);
  });

  test("is 503 when it does not, and keeps the reason to itself", async ({ expect }) => {
    const { probe } = recordProbe({ ping: refuse });
    const response = await createTestApp({ probe }).request(path);
    expect(response.status).toBe(503);
    const text = await response.clone().text();
    expect(await readJson(response)).toEqual({
      status: "not_ready",
      timestamp: expect.stringMatching(timestamp),
      checks: { database: "unhealthy" },
    });
    expect(text).not.toMatch(/neon|hunter2|refused/i);
  });

  test("recovers with the database", async ({ expect }) => {
    let isDown = true;
    const { probe } = recordProbe({ ping: () => (isDown ? refuse() : Promise.resolve()) });
    const { request } = createTestApp({ probe });
    expect((await request(path)).status).toBe(503);
    isDown = false;
    expect((await request(path)).status).toBe(200);
  });
});

describe("/health/startup", () => {
  test("is 200 when the expected migration is applied", async ({ expect }) => {
    const { probe, asked } = recordProbe();
    const response = await createTestApp({ probe }).request("/health/startup");
    expect(response.status).toBe(200);
    expect(await readJson(response)).toEqual({
      status: "started",
      timestamp: expect.stringMatching(timestamp),
      checks: { configuration: "healthy", migrations: "healthy" },
    });
    expect(asked).toEqual(["9999_newest"]);
  });

  const REASONS: readonly { readonly reason: string; readonly hasMigration: () => Promise<boolean> }[] = [
    { reason: "the migration is missing", hasMigration: async () => false },
    { reason: "the database cannot be asked", hasMigration: refuse },
  ];
  test.for(REASONS)("is 503 when $reason, and keeps the details to itself", async ({ hasMigration }, { expect }) => {
    const { probe } = recordProbe({ hasMigration });
    const response = await createTestApp({ probe }).request("/health/startup");
    expect(response.status).toBe(503);
    const text = await response.clone().text();
    expect(await readJson(response)).toEqual({
      status: "not_started",
      timestamp: expect.stringMatching(timestamp),
      checks: { configuration: "healthy", migrations: "unhealthy" },
    });
    expect(text).not.toMatch(/neon|hunter2|refused/i);
  });
});
