import { setTimeout as delay } from "node:timers/promises";

import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";

import { startPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import { failureOf, type GatewayClient, openGateway } from "../support/gateway-client.ts";

const POOL_SIZE = 10;

let postgres: PostgresServer;
let postgresUrl: string;
let client: GatewayClient;
let observer: pg.Client;

beforeAll(async () => {
  postgres = await startPostgres();
  postgresUrl = await postgres.createDatabase();
  client = await openGateway({ postgresUrl, poolSize: POOL_SIZE });
  observer = new pg.Client({ connectionString: postgresUrl });
  await observer.connect();
});

afterAll(async () => {
  await observer?.end();
  await client?.gateway.close();
  await postgres?.close();
});

beforeEach(() => client.gateway.resetStats());

/** Asks often enough that every pooled session has answered, and collects the different answers. */
async function askEverySession(text: string): Promise<unknown[]> {
  const answers = await Promise.all(
    Array.from({ length: POOL_SIZE * 5 }, async () => JSON.stringify(await client.sql.query(text))),
  );
  return [...new Set(answers)].map((answer): unknown => JSON.parse(answer));
}

async function countRunning(text: string): Promise<number> {
  const { rows } = await observer.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM pg_stat_activity WHERE state = 'active' AND query = $1",
    [text],
  );
  return rows[0]?.count ?? 0;
}

async function waitUntil(isTrue: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 250; attempt += 1) {
    if (await isTrue()) return;
    await delay(20);
  }
  throw new Error("did not become true within 5 s");
}

describe("nothing of a session outlives its request", () => {
  test("a stray BEGIN swallows no later write", async ({ expect }) => {
    await client.sql`CREATE TABLE committed (n int)`;
    await Promise.all(Array.from({ length: POOL_SIZE * 2 }, async () => await client.sql`BEGIN`));
    await Promise.all(
      Array.from({ length: POOL_SIZE * 2 }, async () => await client.sql`INSERT INTO committed VALUES (1)`),
    );
    expect((await observer.query("SELECT * FROM committed")).rowCount).toBe(POOL_SIZE * 2);
  });

  test.for([
    ["SET work_mem = '123kB'", "SELECT current_setting('work_mem') = '123kB' AS leaked"],
    [
      "SELECT set_config('app.leak', 'yes', false)",
      "SELECT coalesce(current_setting('app.leak', true), '') = 'yes' AS leaked",
    ],
    ["CREATE TEMP TABLE temporary_a (n int)", "SELECT to_regclass('temporary_a') IS NOT NULL AS leaked"],
    ["SELECT 1 AS n INTO TEMP temporary_b", "SELECT to_regclass('temporary_b') IS NOT NULL AS leaked"],
    ["SET ROLE pg_monitor", "SELECT current_user = 'pg_monitor' AS leaked"],
    ["PREPARE leaked AS SELECT 1", "SELECT count(*) > 0 AS leaked FROM pg_prepared_statements"],
    ["LISTEN leaked", "SELECT count(*) > 0 AS leaked FROM pg_listening_channels()"],
  ])("%s", async ([statement = "", question = ""], { expect }) => {
    await client.sql.query(statement);
    expect(await askEverySession(question)).toEqual([[{ leaked: false }]]);
  });

  test.for([
    ["1", "succeeded"],
    ["1 / (random() * 0)::int", "failed"],
  ])("session advisory locks are freed when %s has %s", async ([expression], { expect }) => {
    await Promise.allSettled([client.sql.query(`SELECT pg_advisory_lock(1), ${expression}`)]);
    await waitUntil(
      async () => (await observer.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'")).rowCount === 0,
    );
    expect(await client.sql`SELECT pg_try_advisory_xact_lock(1) AS free`).toEqual([{ free: true }]);
  });

  test("plain statements keep their session, a failed one loses it, a failed batch keeps it", async ({ expect }) => {
    // With room for one session there is no other that could answer meanwhile.
    const { gateway, post } = await openGateway({ postgresUrl, poolSize: 1 });
    const backend = async () => await (await post({ query: "SELECT pg_backend_pid() AS pid", params: [] })).json();
    const failing = { query: "SELECT 1 / 0", params: [] };
    const before = await backend();
    expect((await post({ queries: [failing] })).status).toBe(400);
    expect(await backend()).toEqual(before);
    expect((await post(failing)).status).toBe(400);
    expect(await backend()).not.toEqual(before);
    await gateway.close();
  });
});

describe("a client that leaves", () => {
  test.for([
    ["single", false],
    ["batch", true],
  ] as const)("its %s query is cancelled in PostgreSQL", async ([name, isBatch], { expect }) => {
    const text = `SELECT pg_sleep(30) AS ${name}`;
    const leaving = new AbortController();
    const query = client.sql.query(text, [], { fetchOptions: { signal: leaving.signal } });
    const request = isBatch
      ? client.sql.transaction([client.sql.query(text)], { fetchOptions: { signal: leaving.signal } })
      : query;
    const failure = failureOf(request);
    await waitUntil(async () => (await countRunning(text)) === 1);
    leaving.abort();
    expect((await failure).sourceError).toMatchObject({ name: "AbortError" });
    await waitUntil(async () => (await countRunning(text)) === 0);
    await waitUntil(async () => client.gateway.stats.cancelled === 1);
    expect(await client.sql`SELECT 1 AS a`).toEqual([{ a: 1 }]);
  });

  test("what it had not begun yet does not run, and the line moves on", async ({ expect }) => {
    await client.sql`CREATE TABLE late (n int)`;
    await observer.query("SELECT pg_advisory_lock(7)");
    const text = "SELECT pg_advisory_xact_lock(7)";
    const blockers = Array.from({ length: POOL_SIZE }, async () => await client.sql.query(text));
    await waitUntil(async () => (await countRunning(text)) === POOL_SIZE);
    const leaving = new AbortController();
    const failure = failureOf(
      client.sql.query("INSERT INTO late VALUES (1)", [], { fetchOptions: { signal: leaving.signal } }),
    );
    await waitUntil(async () => client.gateway.stats.requests === POOL_SIZE + 2);
    leaving.abort();
    await failure;
    const next = client.sql`SELECT count(*)::int AS count FROM late`;
    await observer.query("SELECT pg_advisory_unlock(7)");
    await Promise.all(blockers);
    expect(await next).toEqual([{ count: 0 }]);
  });
});

describe("load", () => {
  test("1,000 requests at once are all answered, over no more sessions than allowed", async ({ expect }) => {
    const numbers = Array.from({ length: 1_000 }, (_, index) => index);
    const rows = await Promise.all(
      numbers.map(async (number) => await client.sql`SELECT ${number}::int AS number, pg_backend_pid() AS pid`),
    );
    expect(rows.map(([row]) => row?.["number"])).toEqual(numbers);
    expect(new Set(rows.map(([row]) => row?.["pid"])).size).toBeLessThanOrEqual(POOL_SIZE);
    expect(client.gateway.stats).toEqual({ requests: 1_000, statements: 1_000, cancelled: 0 });
  });

  test("1,000 racing inserts of one key leave one row and 999 unique violations", async ({ expect }) => {
    await client.sql`CREATE TABLE raced (n int PRIMARY KEY)`;
    const results = await Promise.allSettled(
      Array.from({ length: 1_000 }, async () => await client.sql`INSERT INTO raced VALUES (1)`),
    );
    const codes = results.flatMap((result) => (result.status === "rejected" ? [String(result.reason.code)] : []));
    expect(codes).toEqual(Array.from({ length: 999 }, () => "23505"));
  });
});
