import { afterAll, beforeAll, describe, test } from "vitest";

import { startPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import { failureOf, type GatewayClient, openGateway } from "../support/gateway-client.ts";

let postgres: PostgresServer;
let client: GatewayClient;

beforeAll(async () => {
  postgres = await startPostgres();
  client = await openGateway({ postgresUrl: await postgres.createDatabase() });
});

afterAll(async () => {
  await client?.gateway.close();
  await postgres?.close();
});

async function json(response: Promise<Response>): Promise<unknown> {
  return await (await response).json();
}

const RAW = { "neon-raw-text-output": "true" };
const ARRAY = { "neon-array-mode": "true" };

describe("single queries", () => {
  test("the driver reads rows with parameters of every kind", async ({ expect }) => {
    const rows = await client.sql`
      SELECT ${1}::int AS number, ${"O'Hara"}::text AS text, ${null}::text AS nothing, ${["a", 'b"c']}::text[] AS list,
             ${new Date(0)}::timestamptz AS moment, ${{ a: 1 }}::jsonb AS document, ${true}::bool AS flag`;
    expect(rows).toEqual([
      {
        number: 1,
        text: "O'Hara",
        nothing: null,
        list: ["a", 'b"c'],
        moment: new Date(0),
        document: { a: 1 },
        flag: true,
      },
    ]);
  });

  test("raw text in array mode keeps every value as PostgreSQL writes it", async ({ expect }) => {
    const body = await json(
      client.post(
        { query: "SELECT 1::int2 AS a, true AS b, NULL AS c, '{1,2}'::int[] AS d, '{}'::json AS e" },
        { ...RAW, ...ARRAY },
      ),
    );
    expect(body).toMatchObject({
      command: "SELECT",
      rowCount: 1,
      rowAsArray: true,
      rows: [["1", "t", null, "{1,2}", "{}"]],
    });
  });

  test("without raw text, numbers, booleans, JSON and arrays become JSON", async ({ expect }) => {
    const query = `SELECT 1::int2 AS small, 2 AS int, 3::int8 AS big, 1.5::float8 AS float, 'NaN'::float4 AS nan, 0.10::numeric AS exact,
      false AS flag, '{"a": [1]}'::jsonb AS document, ARRAY[[1, NULL], [3, 4]] AS matrix, ARRAY['a "q"', NULL, 'c,d', ''] AS texts`;
    expect(await json(client.post({ query }))).toMatchObject({
      rowAsArray: false,
      rows: [
        {
          small: 1,
          int: 2,
          big: "3",
          float: 1.5,
          nan: "NaN",
          exact: "0.10",
          flag: false,
          document: { a: [1] },
          matrix: [
            [1, null],
            [3, 4],
          ],
          texts: ['a "q"', null, "c,d", ""],
        },
      ],
    });
  });

  test("fields describe each column as the protocol does", async ({ expect }) => {
    await client.sql`CREATE TABLE described (name varchar(10))`;
    const body = await json(client.post({ query: "SELECT name FROM described" }));
    expect(body).toMatchObject({
      rows: [],
      rowCount: 0,
      fields: [
        {
          name: "name",
          dataTypeID: 1043,
          tableID: expect.any(Number),
          columnID: 1,
          dataTypeSize: -1,
          dataTypeModifier: 14,
          format: "text",
        },
      ],
    });
  });

  test("a statement without result has a command, no fields and, for DDL, no count", async ({ expect }) => {
    expect(await json(client.post({ query: "CREATE TABLE counted (n int)" }))).toMatchObject({
      command: "CREATE",
      rowCount: null,
      fields: [],
      rows: [],
    });
    const insert = { query: "INSERT INTO counted SELECT generate_series(1, $1)", params: [3] };
    expect(await json(client.post(insert))).toMatchObject({ command: "INSERT", rowCount: 3 });
    expect(await json(client.post({ query: "" }))).toMatchObject({ command: "", rowCount: null });
  });

  test("arrayMode of the query wins over the header", async ({ expect }) => {
    expect(await json(client.post({ query: "SELECT 1 AS a", arrayMode: false }, ARRAY))).toMatchObject({
      rowAsArray: false,
      rows: [{ a: 1 }],
    });
    expect(await json(client.post({ query: "SELECT 1 AS a", arrayMode: true }))).toMatchObject({
      rowAsArray: true,
      rows: [[1]],
    });
  });

  test("columns of the same name all survive array mode", async ({ expect }) => {
    expect(await json(client.post({ query: "SELECT 1 AS a, 2 AS a" }, ARRAY))).toMatchObject({ rows: [[1, 2]] });
    expect(await json(client.post({ query: "SELECT 1 AS a, 2 AS a" }))).toMatchObject({ rows: [{ a: 2 }] });
  });

  test("JSON parameters of other clients become PostgreSQL text", async ({ expect }) => {
    const query =
      "SELECT $1::text AS number, $2::bool AS flag, $3::jsonb AS document, $4::text[] AS list, $5::text AS nothing";
    const params = [1.5, true, { a: "b" }, ["x", null, { y: 1 }], null];
    expect(await json(client.post({ query, params }))).toMatchObject({
      rows: [{ number: "1.5", flag: true, document: { a: "b" }, list: ["x", null, '{"y":1}'], nothing: null }],
    });
  });

  test("two statements in one text are refused", async ({ expect }) => {
    const error = await failureOf(client.sql.query("SELECT 1; SELECT 2"));
    expect(error).toMatchObject({
      code: "42601",
      message: "cannot insert multiple commands into a prepared statement",
    });
  });
});

describe("batches", () => {
  test("every result comes back, with its own shape", async ({ expect }) => {
    const body = await json(
      client.post({
        queries: [
          { query: "SELECT 1 AS a", arrayMode: true },
          { query: "SELECT $1::text AS b", params: ["x"] },
        ],
      }),
    );
    expect(body).toMatchObject({ results: [{ rows: [[1]] }, { rows: [{ b: "x" }] }] });
    expect(await json(client.post({ queries: [] }))).toEqual({ results: [] });
  });

  test("isolation level, read only and deferrable reach the transaction and the answer", async ({ expect }) => {
    const show = (name: string) => client.sql`SELECT current_setting(${name}) AS value`;
    const results = await client.sql.transaction(
      [show("transaction_isolation"), show("transaction_read_only"), show("transaction_deferrable")],
      { isolationLevel: "Serializable", readOnly: true, deferrable: true },
    );
    expect(results).toEqual([[{ value: "serializable" }], [{ value: "on" }], [{ value: "on" }]]);
    const headers = { "neon-batch-isolation-level": "RepeatableRead", "neon-batch-read-only": "true" };
    const response = await client.post({ queries: [{ query: "SELECT 1" }] }, headers);
    expect(Object.fromEntries(response.headers)).toMatchObject(headers);
    expect(response.headers.has("neon-batch-deferrable")).toBe(false);
  });

  test("the first error undoes all of it and is the whole answer", async ({ expect }) => {
    await client.sql`CREATE TABLE atomic (n int PRIMARY KEY)`;
    const insert = (n: number) => client.sql`INSERT INTO atomic VALUES (${n})`;
    const error = await failureOf(client.sql.transaction([insert(1), insert(2), insert(1)]));
    expect(error).toMatchObject({ code: "23505", constraint: "atomic_pkey", table: "atomic", schema: "public" });
    expect(await client.sql`SELECT * FROM atomic`).toEqual([]);
  });

  test("an error at COMMIT is reported as the statement's error", async ({ expect }) => {
    await client.sql`CREATE TABLE deferred (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)`;
    const insert = () => client.sql`INSERT INTO deferred VALUES (1)`;
    expect(await failureOf(client.sql.transaction([insert(), insert()]))).toMatchObject({ code: "23505" });
    expect(await client.sql`SELECT * FROM deferred`).toEqual([]);
  });
});

describe("HTTP", () => {
  test("OPTIONS answers browsers' preflight requests", async ({ expect }) => {
    const response = await fetch(client.gateway.url, { method: "OPTIONS" });
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-max-age")).toBe("86400");
    expect(response.headers.get("access-control-allow-headers")).toContain("Neon-Connection-String");
  });

  test.for([
    ["GET", "/sql"],
    ["POST", "/"],
    ["DELETE", "/sql"],
    ["GET", "/_gateway/stats"],
  ])("%s %s is not a query", async ([method, path], { expect }) => {
    const response = await fetch(new URL(path ?? "", client.gateway.url), { method: method ?? "" });
    expect(response.status).toBe(400);
    expect(await response.json()).toBe("query is not supported");
  });

  test("every answer names its request and allows every origin", async ({ expect }) => {
    const response = await client.post({ query: "SELECT 1" });
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("neon-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  });

  test("requests and statements are counted, BEGIN and COMMIT are not statements", async ({ expect }) => {
    client.gateway.resetStats();
    await client.sql`SELECT 1`;
    await client.sql.transaction([client.sql`SELECT 1`, client.sql`SELECT 2`]);
    await client.post("not JSON");
    expect(client.gateway.stats).toEqual({ requests: 3, statements: 3, cancelled: 0 });
  });
});
