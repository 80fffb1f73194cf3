import { afterAll, afterEach, beforeAll, describe, test } from "vitest";

import type { Fault } from "../../tools/dev/gateway/index.ts";
import { startStack, type Stack } from "../support/stack.ts";

const REQUEST_TIMEOUT_MS = 1_500;
const READINESS_TIMEOUT_MS = 500;

let stack: Stack;

beforeAll(async () => {
  const vars = { REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS), READINESS_TIMEOUT_MS: String(READINESS_TIMEOUT_MS) };
  stack = await startStack({ vars, ownsPostgres: true });
});

afterEach(() => {
  stack.gateway.clearFaults();
});

afterAll(async () => {
  await stack.stop();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function get(path: string): Promise<Answer> {
  const response = await stack.request(path);
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
}

async function countUsers(): Promise<number> {
  const { body } = await get("/api/v1/users?limit=100");
  return Array.isArray(body["data"]) ? body["data"].length : Number.NaN;
}

describe("When the database is stopped", () => {
  test("requests get 503 problems, probes tell the truth, and all recovers by itself", async ({ expect }) => {
    await stack.postgres.stop();
    const users = await get("/api/v1/users");
    expect(users.status).toBe(503);
    expect(users.body).toMatchObject({ type: "/problems/database-unavailable", status: 503 });
    expect(users.headers.get("Content-Type")).toBe("application/problem+json");
    expect(Number(users.headers.get("Retry-After"))).toBeGreaterThan(0);
    const created = await stack.sendJson("/api/v1/users", {
      username: "nobody",
      email: "n@example.com",
      full_name: "N",
    });
    expect(created.status).toBe(503);

    for (const path of ["/ready", "/health/ready"]) {
      expect(await get(path)).toMatchObject({
        status: 503,
        body: { status: "not_ready", checks: { database: "unhealthy" } },
      });
    }
    expect(await get("/health/startup")).toMatchObject({ status: 503, body: { status: "not_started" } });
    for (const path of ["/health", "/health/live"]) expect((await get(path)).status).toBe(200);

    await stack.postgres.start();
    await expect.poll(async () => (await get("/ready")).status, { timeout: 20_000 }).toBe(200);
    expect((await get("/api/v1/users")).status).toBe(200);
    expect(await countUsers()).toBe(0);
  });
});

describe("When the way to the database fails", () => {
  test.for<[string, Fault]>([
    ["the connection is refused", { kind: "refuse", durationMs: 60_000 }],
    ["the connection is reset before the statement", { kind: "reset", when: "before" }],
    ["the proxy answers 500", { kind: "http", status: 500, body: "{}", contentType: "application/json" }],
    ["a load balancer answers 502 with a page", { kind: "http", status: 502, body: "<html>Bad gateway</html>" }],
    ["a page comes with status 200", { kind: "http", status: 200, body: "<html>hello</html>" }],
    ["a page comes with status 400", { kind: "http", status: 400, body: "<html>hello</html>" }],
    ["the database cannot be woken", { kind: "wake-up" }],
    ["the database may not be used", { kind: "wake-up", status: 400 }],
    ["the answer is cut", { kind: "cut-body" }],
    ["the answer breaks off", { kind: "cut-body", how: "disconnect" }],
  ])("%s: 503 with Retry-After, nothing of the cause, then recovery", async ([, fault], { expect }) => {
    stack.gateway.inject(fault);
    const { status, headers, body } = await get("/api/v1/users");
    expect({ status, type: body["type"] }).toEqual({ status: 503, type: "/problems/database-unavailable" });
    expect(headers.get("Retry-After")).toMatch(/^\d+$/);
    expect(Object.keys(body).toSorted()).toEqual([
      "detail",
      "instance",
      "request_id",
      "status",
      "title",
      "trace_id",
      "type",
    ]);
    expect((await get("/ready")).status).toBe(503);
    stack.gateway.clearFaults();
    expect((await get("/api/v1/users")).status).toBe(200);
  });
});

describe("When the database is slow", () => {
  test("a request ends with 504 at its deadline and its statement is cancelled", async ({ expect }) => {
    stack.gateway.inject({ kind: "slow", when: "before", delayMs: 30_000 });
    const startedAt = performance.now();
    const { status, body } = await get("/api/v1/users");
    expect({ status, type: body["type"] }).toEqual({ status: 504, type: "/problems/deadline-exceeded" });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(REQUEST_TIMEOUT_MS * 0.9);
    expect(performance.now() - startedAt).toBeLessThan(25_000);
  });

  test("readiness ends before the request's deadline", async ({ expect }) => {
    stack.gateway.inject({ kind: "slow", when: "before", delayMs: 30_000 });
    const event = async () => {
      await get("/ready");
      return stack.events().findLast((candidate) => candidate["route"] === "/ready")?.["duration_ms"];
    };
    const duration = Number(await event());
    expect(duration).toBeGreaterThanOrEqual(READINESS_TIMEOUT_MS * 0.9);
    expect(duration).toBeLessThan(REQUEST_TIMEOUT_MS);
  });
});

describe("When the database does nothing but fail", () => {
  test("the circuit opens: requests are refused before anything is sent, and probes find the end", async ({
    expect,
  }) => {
    stack.gateway.inject({ kind: "refuse", durationMs: 60_000 });
    const isOpen = () =>
      stack.events().findLast(({ event }) => event === "circuit_breaker")?.["to"] === "open" ? "open" : "closed";
    await expect
      .poll(async () => [(await get("/api/v1/users")).status, isOpen()], { timeout: 20_000 })
      .toEqual([503, "open"]);
    stack.gateway.clearFaults();
    stack.gateway.resetStats();
    await expect.poll(async () => (await get("/api/v1/users")).status, { timeout: 20_000 }).toBe(200);
    expect(isOpen()).toBe("closed");
  });

  test("an open circuit costs no round trip, and health tells it apart", async ({ expect }) => {
    stack.gateway.inject({ kind: "http", status: 500, body: "" });
    const transitions = () => stack.events().filter(({ event }) => event === "circuit_breaker").length;
    const before = transitions();
    await expect.poll(async () => (await get("/api/v1/users"), transitions() > before), { timeout: 20_000 }).toBe(true);
    stack.gateway.resetStats();
    const { status, headers, body } = await get("/api/v1/users");
    expect({ status, type: body["type"] }).toEqual({ status: 503, type: "/problems/database-unavailable" });
    expect(headers.get("Retry-After")).toMatch(/^\d+$/);
    // A probe may have been due in this very moment; never more than that.
    expect(stack.gateway.stats.requests).toBeLessThanOrEqual(1);
    expect((await get("/health")).status).toBe(200);
    expect((await get("/ready")).status).toBe(503);
    stack.gateway.clearFaults();
    expect((await get("/ready")).status).toBe(200);
    await expect.poll(async () => (await get("/api/v1/users")).status, { timeout: 20_000 }).toBe(200);
  });
});

describe("When more is asked for than the database can do", () => {
  test("what is too much is refused at once, the rest is served, and health answers", async ({ expect }) => {
    const small = await startStack({ vars: { DATABASE_MAX_CONCURRENCY: "20" } });
    try {
      small.gateway.inject({ kind: "slow", when: "before", delayMs: 500 });
      const ask = async () => (await small.request("/api/v1/users?limit=1")).status;
      const answers = Promise.all(Array.from({ length: 100 }, ask));
      expect((await small.request("/health")).status).toBe(200);
      const counts = Object.groupBy(await answers, String);
      expect(Object.keys(counts)).toEqual(["200", "503"]);
      expect(counts["200"]?.length).toBeGreaterThanOrEqual(20);
      expect(counts["503"]?.length).toBeGreaterThan(20);
      const refused = small.events().findLast(({ problem }) => problem === "overloaded");
      expect(refused).toMatchObject({ status: 503, db_round_trips: 0 });
      expect(small.events().filter(({ event }) => event === "load_shedding")[0]).toMatchObject({ is_shedding: true });
    } finally {
      await small.stop();
    }
  });
});
