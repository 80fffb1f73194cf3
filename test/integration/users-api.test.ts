import { readFileSync } from "node:fs";

import { afterAll, beforeAll, describe, test } from "vitest";

import { startStack, type Stack } from "../support/stack.ts";

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(async () => {
  await stack.stop();
});

const ABSENT_ID = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";

async function create(username: string): Promise<{ id: string; username: string }> {
  const response = await stack.sendJson("/api/v1/users", {
    username,
    email: `${username}@example.com`,
    full_name: "Ada Lovelace",
  });
  const { id }: { id: string } = JSON.parse(await response.text());
  return { id, username };
}

/** Sends a request and gives its status with the database round trips it cost, counted at the gateway. */
async function measure(send: () => Promise<Response>): Promise<{ status: number; roundTrips: number }> {
  stack.gateway.resetStats();
  const response = await send();
  await response.arrayBuffer();
  return { status: response.status, roundTrips: stack.gateway.stats.requests };
}

describe("A user's life over HTTP, workerd, Neon's protocol and PostgreSQL", () => {
  test("a user is created, read, listed, changed and deleted", async ({ expect }) => {
    const body = { username: "GraceH", email: "Grace@Example.com", full_name: "  Grace O’Hopper-Åström  " };
    const created = await stack.sendJson("/api/v1/users", body);
    expect(created.status).toBe(201);
    const user = await created.json();
    expect(user).toMatchObject({ username: "graceh", email: "grace@example.com", full_name: "Grace O’Hopper-Åström" });

    const location = created.headers.get("Location") ?? "";
    const read = await stack.request(location);
    expect(await read.json()).toEqual(user);
    expect(read.headers.get("ETag")).toBe(created.headers.get("ETag"));
    expect(await (await stack.request("/api/v1/users/username/GRACEH")).json()).toEqual(user);

    const patched = await stack.sendJson(location, { full_name: "Grace Hopper" }, { method: "PATCH" });
    expect(patched.status).toBe(200);
    expect(await patched.json()).toMatchObject({ username: "graceh", full_name: "Grace Hopper" });
    expect(patched.headers.get("ETag")).not.toBe(created.headers.get("ETag"));

    const { data }: { data: { username: string }[] } = JSON.parse(
      await (await stack.request("/api/v1/users?limit=1")).text(),
    );
    expect(data).toMatchObject([{ username: "graceh", full_name: "Grace Hopper" }]);

    expect((await stack.request(location, { method: "DELETE" })).status).toBe(204);
    expect((await stack.request(location)).status).toBe(404);
    expect((await stack.request(location, { method: "DELETE" })).status).toBe(204);
  });

  test("a taken username or email is refused by name", async ({ expect }) => {
    await create("taken");
    const username = await stack.sendJson("/api/v1/users", {
      username: "TAKEN",
      email: "free@example.com",
      full_name: "A",
    });
    expect(username.status).toBe(409);
    expect(await username.json()).toMatchObject({ type: "/problems/username-taken" });
    const email = await stack.sendJson("/api/v1/users", {
      username: "free",
      email: "Taken@example.com",
      full_name: "A",
    });
    expect(email.status).toBe(409);
    expect(await email.json()).toMatchObject({ type: "/problems/email-taken" });
  });

  test("a walk along the Link header sees every user once", async ({ expect }) => {
    const made = await Promise.all(Array.from({ length: 12 }, async (_, i) => await create(`walker${i}`)));
    const seen: string[] = [];
    let next: string | undefined = "/api/v1/users?limit=5";
    while (next !== undefined) {
      const response: Response = await stack.request(next);
      const { data }: { data: { id: string }[] } = JSON.parse(await response.text());
      seen.push(...data.map(({ id }) => id));
      next = /<([^>]+)>; rel="next"/.exec(response.headers.get("Link") ?? "")?.[1];
    }
    expect(seen).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe("Each request costs one database round trip or none", () => {
  test("every operation that needs the database makes exactly one", async ({ expect }) => {
    const { id, username } = await create("counted");
    const path = `/api/v1/users/id/${id}`;
    const body = { username: "counted2", email: "counted2@example.com", full_name: "A" };
    const patch = (change: object) => stack.sendJson(path, change, { method: "PATCH" });
    expect(await measure(() => stack.request(path))).toEqual({ status: 200, roundTrips: 1 });
    expect(await measure(() => stack.request(path, { method: "HEAD" }))).toEqual({ status: 200, roundTrips: 1 });
    expect(await measure(() => stack.request(`/api/v1/users/username/${username}`))).toEqual({
      status: 200,
      roundTrips: 1,
    });
    expect(await measure(() => stack.request("/api/v1/users"))).toEqual({ status: 200, roundTrips: 1 });
    expect(await measure(() => stack.sendJson("/api/v1/users", body))).toEqual({ status: 201, roundTrips: 1 });
    expect(await measure(() => stack.sendJson("/api/v1/users", body))).toEqual({ status: 409, roundTrips: 1 });
    expect(await measure(() => patch({ full_name: "B" }))).toEqual({ status: 200, roundTrips: 1 });
    expect(await measure(() => patch({}))).toEqual({ status: 200, roundTrips: 1 });
    const conditional = (change: object, tag: string) =>
      stack.sendJson(path, change, { method: "PATCH", headers: { "If-Match": tag } });
    expect(await measure(() => conditional({ full_name: "C" }, `"${id}.2"`))).toEqual({ status: 200, roundTrips: 1 });
    expect(await measure(() => conditional({ full_name: "D" }, `"${id}.2"`))).toEqual({ status: 412, roundTrips: 1 });
    expect(await measure(() => conditional({}, `"${id}.2"`))).toEqual({ status: 412, roundTrips: 1 });
    const cached = { headers: { "If-None-Match": `"${id}.3"` } };
    expect(await measure(() => stack.request(path, cached))).toEqual({ status: 304, roundTrips: 1 });
    const keyed = () => stack.sendJson("/api/v1/users", keyedBody, { headers: { "Idempotency-Key": '"counted"' } });
    const keyedBody = { username: "counted3", email: "counted3@example.com", full_name: "A" };
    expect(await measure(keyed)).toEqual({ status: 201, roundTrips: 1 });
    expect(await measure(keyed)).toEqual({ status: 201, roundTrips: 1 });
    const filtered = "/api/v1/users?sort=-username&username=counted&created_after=2026-01-01T00:00:00Z&limit=1";
    expect(await measure(() => stack.request(filtered))).toEqual({ status: 200, roundTrips: 1 });
    expect(await measure(() => patch({ username: "counted2" }))).toEqual({ status: 409, roundTrips: 1 });
    expect(await measure(() => stack.request(`/api/v1/users/id/${ABSENT_ID}`))).toEqual({ status: 404, roundTrips: 1 });
    expect(await measure(() => stack.request(path, { method: "DELETE" }))).toEqual({ status: 204, roundTrips: 1 });
    expect(await measure(() => stack.request("/ready"))).toEqual({ status: 200, roundTrips: 1 });
    expect(await measure(() => stack.request("/health/startup"))).toEqual({ status: 200, roundTrips: 1 });
  });

  test.for([
    ["GET", "/", 200],
    ["GET", "/health", 200],
    ["GET", "/health/live", 200],
    ["GET", "/openapi.json", 200],
    ["GET", "/docs", 200],
    ["GET", "/problems/user-not-found", 200],
    ["GET", "/nowhere", 404],
    ["PUT", "/api/v1/users", 405],
    ["OPTIONS", "/api/v1/users", 204],
    ["GET", "/api/v1/users/id/not-a-uuid", 400],
    ["GET", "/api/v1/users?limit=0", 400],
    ["GET", "/api/v1/users?cursor=forged", 400],
    ["POST", "/api/v1/users", 415],
  ] as const)("%s %s makes none", async ([method, path, status], { expect }) => {
    expect(await measure(() => stack.request(path, { method }))).toEqual({ status, roundTrips: 0 });
  });
});

test("the served OpenAPI document is the committed one, byte for byte", async ({ expect }) => {
  const response = await stack.request("/openapi.json");
  expect(response.headers.get("Content-Type")).toBe("application/json");
  expect(await response.text()).toBe(readFileSync("docs/openapi.json", "utf8"));
});

describe("Every request leaves one event in the log", () => {
  test("it names the route, the cost and the ids, and holds nothing personal", async ({ expect }) => {
    const { id } = await create("logged");
    await (await stack.request(`/api/v1/users/id/${id}`, { headers: { "X-Request-ID": "find-me" } })).text();
    await expect.poll(() => stack.events().filter((event) => event["request_id"] === "find-me").length).toBe(1);
    const event = stack.events().find((candidate) => candidate["request_id"] === "find-me");
    expect(event).toMatchObject({
      level: "info",
      event: "request",
      route: "/api/v1/users/id/:id",
      status: 200,
      db_round_trips: 1,
    });
    expect(JSON.stringify(stack.events())).not.toContain("logged@example.com");
    expect(JSON.stringify(stack.events())).not.toContain(id);
  });
});

describe("The cron trigger", () => {
  test("removes idempotency keys that have expired and keeps the others", async ({ expect }) => {
    await stack.sql
      .query(`insert into idempotency_keys (caller, key, request_hash, status, response, created_at, expires_at) values
      ('a', 'old', 'h', 201, '{}', now() - interval '2 days', now() - interval '1 day'),
      ('a', 'new', 'h', 201, '{}', now(), now() + interval '1 day')`);
    expect(await stack.runCron()).toBe("ok");
    const { rows } = await stack.sql.query("select key from idempotency_keys where caller = 'a'");
    expect(rows).toEqual([{ key: "new" }]);
  });
});
