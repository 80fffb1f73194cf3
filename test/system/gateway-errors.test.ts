import { afterAll, beforeAll, describe, test } from "vitest";

import { startPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import { failureOf, type GatewayClient, openGateway } from "../support/gateway-client.ts";

const MAX_REQUEST_BYTES = 2_000;
const MAX_RESPONSE_BYTES = 5_000;

let postgres: PostgresServer;
let client: GatewayClient;

beforeAll(async () => {
  postgres = await startPostgres();
  const postgresUrl = await postgres.createDatabase();
  client = await openGateway({ postgresUrl, maxRequestBytes: MAX_REQUEST_BYTES, maxResponseBytes: MAX_RESPONSE_BYTES });
});

afterAll(async () => {
  await client?.gateway.close();
  await postgres?.close();
});

const MESSAGE_ONLY = {
  code: "",
  severity: "",
  detail: null,
  hint: null,
  position: null,
  internalPosition: null,
  internalQuery: null,
  where: null,
  table: null,
  column: null,
  schema: null,
  dataType: null,
  constraint: null,
  file: null,
  line: null,
  routine: null,
};

async function ask(body: unknown, headers?: Record<string, string>): Promise<{ status: number; body: unknown }> {
  const response = await client.post(body, headers);
  return { status: response.status, body: await response.json() };
}

function withConnectionString(change: (url: URL) => void): Record<string, string> {
  const url = new URL(client.gateway.connectionString);
  change(url);
  return { "neon-connection-string": url.href };
}

describe("connection strings", () => {
  test("a missing one is named by its header", async ({ expect }) => {
    const response = await fetch(client.gateway.url, { method: "POST", body: '{"query":"SELECT 1"}' });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: "invalid header: neon-connection-string", ...MESSAGE_ONLY });
  });

  test.for([
    ["nonsense", "invalid connection string: relative URL without a base"],
    ["mysql://user:secret@localhost/db", "incorrect scheme"],
    ["postgresql://user:secret@localhost", "missing database name"],
    ["postgresql://user:secret@localhost/%ff", "invalid database name"],
    ["postgresql://:secret@localhost/db", "missing username"],
    ["postgresql://%ff:secret@localhost/db", "invalid username: invalid utf-8 sequence"],
    ["postgresql://user@localhost/db", "missing authentication credentials: required password"],
    ["postgresql://user:secret@127.0.0.1/db", "missing hostname"],
    ["postgresql://user:secret@[::1]/db", "missing hostname"],
  ])("%s: %s", async ([connectionString = "", message], { expect }) => {
    const answer = await ask({ query: "SELECT 1" }, { "neon-connection-string": connectionString });
    expect(answer).toEqual({ status: 400, body: { message, ...MESSAGE_ONLY } });
  });

  test("a bearer token is not accepted", async ({ expect }) => {
    const answer = await ask({ query: "SELECT 1" }, { authorization: "Bearer token" });
    expect(answer).toMatchObject({
      status: 400,
      body: { message: "missing authentication credentials: required password", code: "" },
    });
  });

  test("a wrong password and an unknown role look the same", async ({ expect }) => {
    const wrongPassword = withConnectionString((url) => void (url.password = "wrong"));
    const message = "password authentication failed for user 'postgres'";
    expect(await ask({ query: "SELECT 1" }, wrongPassword)).toEqual({
      status: 400,
      body: { message, ...MESSAGE_ONLY },
    });
    const unknownRole = withConnectionString((url) => void (url.username = "nobody"));
    expect(await ask({ query: "SELECT 1" }, unknownRole)).toEqual({
      status: 400,
      body: { message: "password authentication failed for user 'nobody'", ...MESSAGE_ONLY },
    });
  });

  test("an unknown database is PostgreSQL's own error", async ({ expect }) => {
    const answer = await ask(
      { query: "SELECT 1" },
      withConnectionString((url) => void (url.pathname = "/missing")),
    );
    expect(answer).toMatchObject({
      status: 400,
      body: { message: 'database "missing" does not exist', code: "3D000", severity: "FATAL" },
    });
  });

  test("a database that vanishes from the server is PostgreSQL's own error too", async ({ expect }) => {
    const url = new URL(postgres.url);
    url.pathname = "/never_created";
    const other = await openGateway({ postgresUrl: url.href });
    const response = await other.post({ query: "SELECT 1" });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { code: "3D000", severity: "FATAL", routine: "InitPostgres" },
    ]);
    await other.gateway.close();
  });
});

describe("requests", () => {
  test.for([
    ["not JSON", "could not parse the HTTP request body: "],
    ["[]", "could not parse the HTTP request body: data did not match any variant of untagged enum Payload"],
    ['{"query":1}', "could not parse the HTTP request body: data did not match any variant of untagged enum Payload"],
    ['{"query":"SELECT 1","params":null}', "could not parse the HTTP request body: data did not match"],
    ['{"query":"SELECT 1","arrayMode":"yes"}', "could not parse the HTTP request body: data did not match"],
    ['{"queries":[{"params":[]}]}', "could not parse the HTTP request body: data did not match"],
    [
      String.raw`{"query":"SELECT $1","params":["\ud800"]}`,
      "could not parse the HTTP request body: lone leading surrogate",
    ],
    [String.raw`{"query":"SELECT \u0000"}`, "error encoding message to server"],
  ])("%s is refused", async ([body, message], { expect }) => {
    const answer = await ask(body);
    expect(answer).toMatchObject({
      status: 400,
      body: { ...MESSAGE_ONLY, message: expect.stringContaining(message ?? "") },
    });
  });

  test("an unknown isolation level is refused", async ({ expect }) => {
    const answer = await ask({ queries: [] }, { "neon-batch-isolation-level": "serializable" });
    expect(answer).toEqual({ status: 400, body: { message: "invalid isolation level", ...MESSAGE_ONLY } });
  });

  test("more bytes than allowed are answered with 413 and never parsed", async ({ expect }) => {
    const padding = (size: number) => ({ query: "SELECT 1", ignored: "x".repeat(size) });
    const overhead = JSON.stringify(padding(0)).length;
    expect((await ask(padding(MAX_REQUEST_BYTES - overhead))).status).toBe(200);
    expect(await ask(padding(MAX_REQUEST_BYTES - overhead + 1))).toEqual({
      status: 413,
      body: { message: `request is too large (max is ${MAX_REQUEST_BYTES} bytes)`, ...MESSAGE_ONLY },
    });
    const error = await failureOf(client.sql`SELECT ${"x".repeat(MAX_REQUEST_BYTES)}::text`);
    expect(error.message).toMatch(/^Server error \(HTTP status 413\)/);
  });
});

describe("responses", () => {
  const tooLarge = {
    status: 507,
    body: { message: `response is too large (max is ${MAX_RESPONSE_BYTES} bytes)`, ...MESSAGE_ONLY },
  };

  test("one large last row passes, a row after it does not", async ({ expect }) => {
    expect((await ask({ query: "SELECT repeat('é', 10000) AS a" })).status).toBe(200);
    expect(await ask({ query: "SELECT repeat('é', 2500) AS a FROM generate_series(1, 2)" })).toEqual(tooLarge);
  });

  test("a batch counts all of its results and is rolled back", async ({ expect }) => {
    await client.sql`CREATE TABLE kept (n int)`;
    const large = { query: "SELECT repeat('x', 2000) AS a" };
    const answer = await ask({
      queries: [
        { query: "INSERT INTO kept VALUES (1)" },
        large,
        large,
        large,
        { query: "SELECT 1 AS a UNION ALL SELECT 2" },
      ],
    });
    expect(answer).toEqual(tooLarge);
    expect(await client.sql`SELECT * FROM kept`).toEqual([]);
  });
});

describe("PostgreSQL's errors", () => {
  test("a violated constraint keeps all of its fields", async ({ expect }) => {
    await client.sql`CREATE TABLE account (name text CONSTRAINT account_name_key UNIQUE)`;
    await client.sql`INSERT INTO account VALUES ('a')`;
    expect(await ask({ query: "INSERT INTO account VALUES ('a')" })).toEqual({
      status: 400,
      body: {
        ...MESSAGE_ONLY,
        message: 'duplicate key value violates unique constraint "account_name_key"',
        code: "23505",
        severity: "ERROR",
        detail: "Key (name)=(a) already exists.",
        schema: "public",
        table: "account",
        constraint: "account_name_key",
        file: "nbtinsert.c",
        line: expect.stringMatching(/^\d+$/),
        routine: "_bt_check_unique",
      },
    });
  });

  test("positions, hints, context and internal queries are passed on", async ({ expect }) => {
    expect(await ask({ query: "SELECT nothing" })).toMatchObject({ body: { code: "42703", position: "8" } });
    expect(await ask({ query: "SELECT lenght('a')" })).toMatchObject({
      body: { code: "42883", hint: expect.any(String) },
    });
    expect(await ask({ query: "DO $$ BEGIN EXECUTE 'SELECT nothing'; END $$" })).toMatchObject({
      body: {
        position: null,
        internalPosition: "8",
        internalQuery: "SELECT nothing",
        where: expect.stringContaining("PL/pgSQL"),
      },
    });
  });

  test("a statement that runs out of time is a 57014", async ({ expect }) => {
    const slow = client.sql.transaction([
      client.sql`SET LOCAL statement_timeout = '50ms'`,
      client.sql`SELECT pg_sleep(5)`,
    ]);
    expect(await failureOf(slow)).toMatchObject({
      code: "57014",
      message: "canceling statement due to statement timeout",
    });
  });

  test("a NUL in a parameter is PostgreSQL's to refuse", async ({ expect }) => {
    expect(await failureOf(client.sql`SELECT ${"a\0b"}::text`)).toMatchObject({ code: "22021" });
  });

  test("a server without free connections is a 500 with its error", async ({ expect }) => {
    const databaseUrl = await postgres.createDatabase();
    const name = new URL(databaseUrl).pathname.slice(1);
    await client.sql.query(`ALTER DATABASE ${name} CONNECTION LIMIT 0`);
    await client.sql.query("CREATE ROLE limited LOGIN PASSWORD 'limited'");
    const url = new URL(databaseUrl);
    url.username = "limited";
    url.password = "limited";
    const other = await openGateway({ postgresUrl: url.href });
    const response = await other.post({ query: "SELECT 1" });
    expect([response.status, await response.json()]).toMatchObject([500, { code: "53300", severity: "FATAL" }]);
    await other.gateway.close();
    await client.sql.query("DROP ROLE limited");
  });

  test("a backend that dies under its statement leaves the outcome unknown, and the next request works", async ({
    expect,
  }) => {
    const killed = ask({ query: "SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(5)" });
    expect(await killed).toMatchObject({ status: 400, body: { code: "57P01", severity: "FATAL" } });
    expect(await ask({ query: "SELECT 1 AS a" })).toMatchObject({ status: 200 });
  });
});
