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
    expect(Object.keys(body).toSorted()).toEqual(["detail", "instance", "request_id", "status", "title", "type"]);
    expect((await get("/ready")).status).toBe(503);
    stack.gateway.clearFaults();
    expect((await get("/api/v1/users")).status).toBe(200);
  });

  test("an answer larger than the proxy allows is our own fault: 500", async ({ expect }) => {
    stack.gateway.inject({
      kind: "http",
      status: 507,
      body: "response is too large (max is 10485760 bytes)",
      times: 1,
    });
    expect(await get("/api/v1/users")).toMatchObject({ status: 500, body: { type: "/problems/internal-error" } });
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
