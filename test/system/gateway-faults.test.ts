import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "vitest";

import type { Fault } from "../../tools/dev/gateway/index.ts";
import { startEmbeddedPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import { failureOf, type GatewayClient, openGateway } from "../support/gateway-client.ts";

let postgres: PostgresServer;
let client: GatewayClient;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres();
  client = await openGateway({ postgresUrl: await postgres.createDatabase(), admin: true });
  await client.sql`CREATE TABLE written (n int)`;
});

afterAll(async () => {
  await client?.gateway.close();
  await postgres?.close();
});

beforeEach(async () => void (await client.sql`TRUNCATE written`));
afterEach(() => client.gateway.clearFaults());

async function write(): Promise<unknown> {
  return await client.sql`INSERT INTO written VALUES (1)`;
}

async function countWritten(): Promise<unknown> {
  client.gateway.clearFaults();
  return (await client.sql`SELECT count(*)::int AS count FROM written`)[0]?.["count"];
}

const HTML = "<html><body>502 Bad Gateway</body></html>";

describe("faults before the statement leave nothing behind", () => {
  test.for<[string, Fault, RegExp]>([
    ["a refused connection", { kind: "refuse", durationMs: 60_000 }, /^Error connecting to database/],
    ["a reset connection", { kind: "reset", when: "before" }, /^Error connecting to database/],
    ["a 500", { kind: "http", status: 500, body: "oops" }, /^Server error \(HTTP status 500\): oops$/],
    ["a 507", { kind: "http", status: 507, body: "full" }, /^Server error \(HTTP status 507\)/],
    ["a 502 with HTML", { kind: "http", status: 502, body: HTML }, /^Server error \(HTTP status 502\): <html>/],
    [
      "a compute that does not wake up",
      { kind: "wake-up" },
      /^Server error \(HTTP status 500\).*Control plane request failed/,
    ],
    [
      "a project that does not exist",
      { kind: "wake-up", status: 400, message: "project not found" },
      /^project not found$/,
    ],
  ])("%s", async ([, fault, message], { expect }) => {
    client.gateway.inject(fault);
    expect((await failureOf(write())).message).toMatch(message);
    expect(await countWritten()).toBe(0);
  });

  test("a 200 with HTML is not an error of the database", async ({ expect }) => {
    client.gateway.inject({ kind: "http", status: 200, body: HTML });
    await expect(write()).rejects.toThrow(SyntaxError);
    expect(await countWritten()).toBe(0);
  });

  test("a slow answer that the client does not wait for", async ({ expect }) => {
    client.gateway.inject({ kind: "slow", when: "before", delayMs: 60_000 });
    const signal = AbortSignal.timeout(100);
    const query = client.sql.query("INSERT INTO written VALUES (1)", [], { fetchOptions: { signal } });
    expect((await failureOf(query)).sourceError).toMatchObject({ name: "TimeoutError" });
    expect(await countWritten()).toBe(0);
  });
});

describe("faults after the statement hide a write that is there", () => {
  test.for<[string, Fault]>([
    ["a reset connection", { kind: "reset", when: "after" }],
    ["an error page", { kind: "http", when: "after", status: 502, body: HTML }],
    ["a body that is not whole", { kind: "cut-body" }],
    ["a connection that breaks in the body", { kind: "cut-body", how: "disconnect" }],
  ])("%s", async ([, fault], { expect }) => {
    client.gateway.inject(fault);
    await expect(write()).rejects.toThrow(Error);
    expect(await countWritten()).toBe(1);
  });

  test("a delay changes nothing but the time", async ({ expect }) => {
    client.gateway.inject({ kind: "slow", when: "after", delayMs: 200 });
    const start = performance.now();
    await write();
    expect(performance.now() - start).toBeGreaterThanOrEqual(195);
    expect(await countWritten()).toBe(1);
  });
});

describe("aiming", () => {
  test("a fault hits as many requests as it says", async ({ expect }) => {
    client.gateway.inject({ kind: "http", status: 500, body: "", times: 2 });
    const outcomes = [];
    for (let attempt = 0; attempt < 4; attempt += 1) outcomes.push((await client.post({ query: "SELECT 1" })).status);
    expect(outcomes).toEqual([500, 500, 200, 200]);
  });

  test("a fault with a text hits only statements that contain it, in batches too", async ({ expect }) => {
    client.gateway.inject({ kind: "http", status: 500, body: "", match: "INSERT INTO WRITTEN" });
    await client.sql`SELECT 1`;
    await failureOf(write());
    await failureOf(client.sql.transaction([client.sql`SELECT 1`, client.sql`INSERT INTO written VALUES (1)`]));
    expect(await countWritten()).toBe(0);
  });

  test("a refused port comes back by itself", async ({ expect }) => {
    client.gateway.inject({ kind: "refuse", durationMs: 150 });
    await failureOf(write());
    await expect
      .poll(
        async () =>
          await write().then(
            () => "written",
            () => "refused",
          ),
      )
      .toBe("written");
  });
});

describe("the control interface", () => {
  const control = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(new URL(`/_gateway/${path}`, client.gateway.url), init);
    return { status: response.status, body: await response.json() };
  };

  test("faults are set and cleared over HTTP", async ({ expect }) => {
    expect(
      await control("PUT", "faults", [{ kind: "http", status: 500, body: "oops", match: "written" }]),
    ).toMatchObject({ status: 200 });
    expect((await failureOf(write())).message).toContain("oops");
    expect(await control("DELETE", "faults")).toMatchObject({ status: 200 });
    await write();
  });

  test("counters are read and reset over HTTP", async ({ expect }) => {
    await control("POST", "stats/reset");
    await client.sql`SELECT 1`;
    expect(await control("GET", "stats")).toEqual({ status: 200, body: { requests: 1, statements: 1, cancelled: 0 } });
  });

  test("nonsense, other paths and web pages are refused", async ({ expect }) => {
    expect(await control("PUT", "faults", { kind: "slow", when: "never" })).toEqual({
      status: 400,
      body: { message: "when is missing or invalid" },
    });
    expect(await control("GET", "other")).toMatchObject({ status: 404 });
    expect(await control("DELETE", "faults", undefined, { origin: "https://example.com" })).toMatchObject({
      status: 403,
    });
  });
});

describe("PostgreSQL that stops and comes back", () => {
  test("requests fail at once while it is down, and work again without a restart of the gateway", async ({
    expect,
  }) => {
    await write();
    const running = failureOf(client.sql`SELECT pg_sleep(30)`);
    const activity = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(30)'";
    await expect.poll(async () => await client.sql.query(activity)).toHaveLength(1);
    await postgres.stop();
    expect(await running).toMatchObject({ code: "57P01" });
    const down = await client.post({ query: "SELECT 1" });
    expect([down.status, await down.json()]).toMatchObject([
      500,
      { message: "Couldn't connect to compute node", code: "", severity: "" },
    ]);
    await postgres.start();
    await Promise.all(Array.from({ length: 50 }, async () => await write()));
    expect(await countWritten()).toBe(51);
  });

  test("a gateway may be started before its database", async ({ expect }) => {
    const url = new URL(postgres.url);
    url.port = "1";
    const early = await openGateway({ postgresUrl: url.href });
    expect((await early.post({ query: "SELECT 1" })).status).toBe(500);
    await early.gateway.close();
  });
});
