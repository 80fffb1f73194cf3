import { describe, test } from "vitest";

import { METHODS, PUBLIC_PATHS, USER_OPERATIONS } from "../support/http-contract.ts";
import { createRecordedApp, limitTo, SERVED_ASSETS, sha256Hex } from "../support/http-fakes.ts";
import { newUserData, readProblem, send, USERS } from "../support/http-messages.ts";
import { createTestApp } from "../support/test-app.ts";

describe("a caller over the limit", () => {
  test.for(USER_OPERATIONS)(
    "gets 429 with Retry-After from the operation $name",
    async ({ method, path }, { expect }) => {
      const { request, users } = createRecordedApp({ callerLimiter: limitTo(0) });
      const init = method === "POST" || method === "PATCH" ? send(method, newUserData()) : { method };
      const response = await request(path, init);
      expect(await readProblem(response)).toMatchObject({ code: "quota-exceeded", status: 429 });
      expect(response.headers.get("Retry-After")).toMatch(/^[1-9]\d*$/);
      expect(users.calls).toEqual([]);
    },
  );

  test("is let through as often as the limit says, whatever the operation", async ({ expect }) => {
    const callerLimiter = limitTo(2);
    const { request } = createTestApp({ callerLimiter });
    expect((await request(USERS)).status).toBe(200);
    expect((await request(USERS, send("POST", newUserData()))).status).toBe(201);
    expect((await request(USERS, { method: "HEAD" })).status).toBe(429);
    expect(callerLimiter.keys).toHaveLength(3);
  });

  test("counts a request once, also when it is refused later on", async ({ expect }) => {
    const callerLimiter = limitTo(10);
    const { request } = createTestApp({ callerLimiter });
    await request(`${USERS}?limit=0`);
    await request(USERS, send("POST", "{"));
    expect(callerLimiter.keys).toHaveLength(2);
  });
});

describe("callers are told apart", () => {
  test("by the id of their key, from whatever address they come", async ({ expect }) => {
    const callerLimiter = limitTo(1);
    const entries = [
      { id: "one", sha256: await sha256Hex("key-1"), scopes: ["users:read"] as const },
      { id: "two", sha256: await sha256Hex("key-2"), scopes: ["users:read"] as const },
    ];
    const { request } = createTestApp({ entries, callerLimiter });
    const call = async (key: string, address: string) => {
      const headers = { "X-API-Key": key, "CF-Connecting-IP": address };
      return (await request(USERS, { headers })).status;
    };
    expect(await call("key-1", "192.0.2.1")).toBe(200);
    expect(await call("key-1", "192.0.2.2")).toBe(429);
    expect(await call("key-2", "192.0.2.1")).toBe(200);
    expect(callerLimiter.keys).toEqual(["caller:one", "caller:one", "caller:two"]);
  });

  test("by CF-Connecting-IP when the API is open", async ({ expect }) => {
    const callerLimiter = limitTo(1);
    const { request } = createTestApp({ callerLimiter });
    const call = async (address: string) => (await request(USERS, { headers: { "CF-Connecting-IP": address } })).status;
    expect([await call("192.0.2.1"), await call("192.0.2.1"), await call("2001:db8::1")]).toEqual([200, 429, 200]);
    expect(callerLimiter.keys).toEqual(["address:192.0.2.1", "address:192.0.2.1", "address:2001:db8:0:0::/64"]);
  });

  test("never by headers that clients can make up", async ({ expect }) => {
    const callerLimiter = limitTo(1);
    const { request } = createTestApp({ callerLimiter });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) {
      const made = `198.51.100.${i}`;
      const headers = {
        "CF-Connecting-IP": "192.0.2.1",
        "X-Forwarded-For": made,
        "X-Real-IP": made,
        "True-Client-IP": made,
        Forwarded: `for=${made}`,
        "X-API-Key": `made-up-${i}`,
        "User-Agent": `agent ${i}`,
        "X-Request-ID": `request-${i}`,
      };
      statuses.push((await request(USERS, { headers })).status);
    }
    expect(statuses).toEqual([200, 429, 429]);
  });

  test("as one when there is no address at all", async ({ expect }) => {
    const { request } = createTestApp({ callerLimiter: limitTo(1) });
    const call = async (forwarded: string) =>
      (await request(USERS, { headers: { "X-Forwarded-For": forwarded } })).status;
    expect([await call("192.0.2.1"), await call("192.0.2.2")]).toEqual([200, 429]);
  });
});

describe("the limit leaves alone", () => {
  test.for(PUBLIC_PATHS)("$path", async ({ path }, { expect }) => {
    const callerLimiter = limitTo(0);
    const { request } = createTestApp({ callerLimiter, assets: SERVED_ASSETS });
    for (let i = 0; i < 5; i++) expect((await request(path)).status).toBe(200);
    expect(callerLimiter.keys).toEqual([]);
  });

  test.for(METHODS)("an unknown path asked for by %s", async (method, { expect }) => {
    const callerLimiter = limitTo(0);
    expect((await createTestApp({ callerLimiter }).request("/nowhere", { method })).status).toBe(404);
    expect(callerLimiter.keys).toEqual([]);
  });
});

test("a limiter that fails is a 5xx problem, not an open door", async ({ expect }) => {
  const broken = { allow: () => Promise.reject(new Error("the limiter is down")) };
  const { request, users } = createRecordedApp({ callerLimiter: broken });
  const problem = await readProblem(await request(USERS));
  expect(problem.status).toBeGreaterThanOrEqual(500);
  expect(users.calls).toEqual([]);
});
