import { createHash } from "node:crypto";

import { afterEach, describe, test } from "vitest";

import { startStack, type Stack, type StackOptions } from "../support/stack.ts";

let stack: Stack | null = null;

async function start(options: StackOptions): Promise<Stack> {
  stack = await startStack(options);
  return stack;
}

afterEach(async () => {
  await stack?.stop();
  stack = null;
});

describe.for(["staging", "production"])("The Worker of %s", (env) => {
  test("without credentials it is no open API: it refuses, says so to the probes and names the variable in the log", async ({
    expect,
  }) => {
    const { request, events } = await start({ env });
    const users = await request("/api/v1/users");
    expect(users.status).toBe(500);
    expect(await users.json()).toMatchObject({ type: "/problems/internal-error" });
    expect((await request("/health")).status).toBe(200);
    expect((await request("/ready")).status).toBe(503);
    const startup = await request("/health/startup");
    expect(startup.status).toBe(503);
    expect(await startup.json()).toMatchObject({ checks: { configuration: "unhealthy" } });
    expect(JSON.stringify(events())).toContain("API_KEY, API_KEYS or JWKS_URL is missing");
  });

  test("with a key it asks for the key and tells its version", async ({ expect }) => {
    const { request } = await start({ env, vars: { API_KEY: "correct-horse-battery-staple" } });
    const anonymous = await request("/api/v1/users");
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get("WWW-Authenticate")).toContain("ApiKey");
    expect((await request("/api/v1/users", { headers: { "X-API-Key": "wrong" } })).status).toBe(403);
    const admitted = await request("/api/v1/users", { headers: { "X-API-Key": "correct-horse-battery-staple" } });
    expect(admitted.status).toBe(200);
    expect(admitted.headers.get("X-Version-Id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("repeated wrong keys from one address are limited, its right key is not", async ({ expect }) => {
    const { request } = await start({ env, vars: { API_KEY: "correct-horse-battery-staple" } });
    const statuses: number[] = [];
    // The limit is for a minute by the clock, whose end may come in between.
    for (let attempt = 0; attempt < 200 && statuses.at(-1) !== 429; attempt++) {
      const response = await request("/api/v1/users", { headers: { "X-API-Key": `guess-${attempt}` } });
      await response.arrayBuffer();
      statuses.push(response.status);
    }
    expect(new Set(statuses)).toEqual(new Set([403, 429]));
    expect((await request("/api/v1/users", { headers: { "X-API-Key": "correct-horse-battery-staple" } })).status).toBe(
      200,
    );
  });
});

describe("Local development", () => {
  test("is open without credentials, and calls its version local", async ({ expect }) => {
    const { request } = await start({});
    const response = await request("/api/v1/users");
    expect(response.status).toBe(200);
    expect(response.headers.get("X-Version-Id")).toBe("local");
  });

  test("honours scoped keys", async ({ expect }) => {
    const sha256 = createHash("sha256").update("reader-key").digest("hex");
    const { request, sendJson } = await start({
      vars: { API_KEYS: JSON.stringify([{ id: "reader", sha256, scopes: ["users:read"] }]) },
    });
    const headers = { "X-API-Key": "reader-key" };
    expect((await request("/api/v1/users", { headers })).status).toBe(200);
    const refused = await sendJson("/api/v1/users", { username: "abc", email: "a@b.co", full_name: "A" }, { headers });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ type: "/problems/insufficient-scope" });
  });
});
