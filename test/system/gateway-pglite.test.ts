import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { afterAll, beforeAll, test } from "vitest";

import { failureOf, type GatewayClient, openGateway } from "../support/gateway-client.ts";

let database: PGlite;
let socket: PGLiteSocketServer;
let client: GatewayClient;

beforeAll(async () => {
  database = await PGlite.create();
  socket = new PGLiteSocketServer({ db: database, port: 0, maxConnections: 10 });
  await socket.start();
  client = await openGateway({ postgresUrl: `postgresql://postgres@${socket.getServerConn()}/postgres` });
});

afterAll(async () => {
  await client?.gateway.close();
  await socket?.stop();
  await database?.close();
});

test("concurrent requests on the one session get their own answers", async ({ expect }) => {
  const numbers = Array.from({ length: 100 }, (_, index) => index);
  const rows = await Promise.all(numbers.map(async (number) => await client.sql`SELECT ${number}::int AS number`));
  expect(rows.map(([row]) => row?.["number"])).toEqual(numbers);
});

test("errors carry their fields and do not disturb the next request", async ({ expect }) => {
  await client.sql`CREATE TABLE account (name text CONSTRAINT account_name_key UNIQUE)`;
  await client.sql`INSERT INTO account VALUES ('a')`;
  const failure = await failureOf(client.sql`INSERT INTO account VALUES ('a')`);
  expect(failure).toMatchObject({ code: "23505", constraint: "account_name_key", severity: "ERROR" });
  expect(await client.sql`SELECT count(*)::int AS count FROM account`).toEqual([{ count: 1 }]);
});

test("a batch that fails is rolled back", async ({ expect }) => {
  await failureOf(client.sql.transaction([client.sql`CREATE TABLE undone (n int)`, client.sql`SELECT 1 / 0`]));
  expect(await client.sql`SELECT to_regclass('undone') AS name`).toEqual([{ name: null }]);
});

test("no BEGIN, SET, temporary table or failed statement's lock outlives its request", async ({ expect }) => {
  await client.sql`BEGIN`;
  await client.sql`SET work_mem = '123kB'`;
  await client.sql`CREATE TEMP TABLE leaked (n int)`;
  await failureOf(client.sql`SELECT pg_advisory_lock(1), 1 / (random() * 0)::int`);
  expect(
    await client.sql`SELECT current_setting('work_mem') AS work_mem, to_regclass('leaked') AS leaked,
      (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS locks`,
  ).toEqual([{ work_mem: "4MB", leaked: null, locks: 0 }]);
});

test("a client that leaves does not stop the others", async ({ expect }) => {
  const signal = AbortSignal.timeout(50);
  const slow = client.sql.query("SELECT count(*) FROM generate_series(1, 3000000)", [], { fetchOptions: { signal } });
  const failure = failureOf(slow);
  expect(await client.sql`SELECT 1 AS a`).toEqual([{ a: 1 }]);
  await failure.catch(() => undefined);
});
