import { afterAll, afterEach, beforeAll, describe, test } from "vitest";

import { createInjector } from "../../tools/chaos/faults/injector.ts";
import { startEmbeddedPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import { failureOf, type GatewayClient, openGateway } from "../support/gateway-client.ts";

let postgres: PostgresServer;
let client: GatewayClient;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres({ isDurable: true });
  client = await openGateway({ postgresUrl: await postgres.createDatabase(), admin: true });
  await client.sql`CREATE TABLE written (number integer)`;
});

afterEach(() => client.gateway.clearFaults());

afterAll(async () => {
  await client.gateway.close();
  await postgres.close();
});

describe("a durable PostgreSQL that crashes", () => {
  test("keeps all that it has acknowledged, and comes back on the same port", async ({ expect }) => {
    for (let round = 1; round <= 3; round += 1) {
      await client.sql`INSERT INTO written VALUES (${round})`;
      await postgres.crash();
      expect((await client.post({ query: "SELECT 1" })).status).toBe(500);
      await postgres.start();
      const [row] = await client.sql`SELECT count(*)::integer AS count FROM written`;
      expect(row).toEqual({ count: round });
    }
  });

  test("ends what is running, and has nothing to end a second time", async ({ expect }) => {
    const running = failureOf(client.sql`SELECT pg_sleep(30)`);
    const activity = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(30)'";
    await expect.poll(async () => await client.sql.query(activity)).toHaveLength(1);
    await postgres.crash();
    expect((await running).message).toContain("connection closed");
    await postgres.crash();
    await postgres.start();
    expect(await client.sql`SELECT 1 AS one`).toEqual([{ one: 1 }]);
  });
});

describe("the injector", () => {
  test("knows which faults have hit, and takes the others away", async ({ expect }) => {
    const injector = createInjector(new URL(client.gateway.url).origin);
    await injector.inject("413", "insert into nothing");
    await injector.inject("502 page", null);
    await injector.inject("502 page", null);
    expect((await client.post({ query: "SELECT 1" })).status).toBe(502);
    expect(await injector.count()).toEqual(
      new Map([
        ["413", { injected: 1, hit: 0 }],
        // Two that wait are both taken by the request that comes first.
        ["502 page", { injected: 2, hit: 2 }],
      ]),
    );
    await injector.clear();
    expect(client.gateway.listFaults()).toEqual([]);
  });

  test("waits for a port that an earlier fault has closed", async ({ expect }) => {
    const injector = createInjector(new URL(client.gateway.url).origin);
    await injector.inject("refused", null);
    await injector.inject("413", null);
    expect((await client.post({ query: "SELECT 1" })).status).toBe(413);
    expect((await injector.count()).get("refused")).toEqual({ injected: 1, hit: 1 });
  });
});

describe("the gateway", () => {
  test("keeps a client waiting for the second half of an answer", async ({ expect }) => {
    client.gateway.inject({ kind: "slow-body", delayMs: 300, times: 1 });
    const response = await client.post({ query: "SELECT 1 AS one" });
    const startedAt = performance.now();
    expect(await response.json()).toMatchObject({ rows: [{ one: 1 }] });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(200);
  });

  test("lists its faults over HTTP, with what is left of them", async ({ expect }) => {
    client.gateway.inject({ kind: "http", status: 500, body: "", times: 2 });
    await client.post({ query: "SELECT 1" });
    const response = await fetch(new URL("/_gateway/faults", client.gateway.url));
    expect(await response.json()).toEqual([{ kind: "http", status: 500, body: "", times: 1 }]);
  });

  test("serves as many at once as it has sessions, each as long as it is told", async ({ expect }) => {
    const slow = await openGateway({ postgresUrl: postgres.url, poolSize: 2, serviceMs: 100 });
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 6 }, () => slow.post({ query: "SELECT 1" })));
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(290);
    await slow.gateway.close();
  });
});
