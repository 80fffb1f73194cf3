import { describe, test } from "vitest";

import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { KNOWN_PATHS, PUBLIC_PATHS, USER_OPERATIONS } from "../support/http-contract.ts";
import { acceptTokens, limitTo } from "../support/http-fakes.ts";
import { newUserData, readProblem, send, USERS } from "../support/http-messages.ts";
import { requestOf, SCENARIOS } from "../support/http-scenarios.ts";
import { createTestApp, type TestAppOptions } from "../support/test-app.ts";
import { buildUser } from "../support/users.ts";

const POLICY = '"default";q=600;w=60';
const from = (address: string, more: Record<string, string> = {}): RequestInit => ({
  headers: { "CF-Connecting-IP": address, ...more },
});
const initOf = (method: string, headers: Record<string, string> = {}) =>
  method === "POST" || method === "PATCH" ? send(method, newUserData(), headers) : { method, headers };

describe.for(USER_OPERATIONS)("the operation $name", ({ method, path }) => {
  test("tells the quota when it is known, and what is left when nothing is", async ({ expect }) => {
    const { request } = createTestApp({ callerLimit: 600, callerLimiter: limitTo(1) });
    const [allowed, refused] = [await request(path, initOf(method)), await request(path, initOf(method))];
    expect(allowed.status).not.toBe(429);
    expect(allowed.headers.get("RateLimit-Policy")).toBe(POLICY);
    expect(allowed.headers.get("RateLimit")).toBeNull();
    expect(refused.headers.get("RateLimit-Policy")).toBe(POLICY);
    expect(refused.headers.get("RateLimit")).toBe('"default";r=0;t=60');
    expect(refused.headers.get("Retry-After")).toBe("60");
    expect(await readProblem(refused)).toMatchObject({ code: "quota-exceeded", "violated-policies": ["default"] });
  });

  test("tells no quota when none is known, and refuses all the same", async ({ expect }) => {
    const { request } = createTestApp({ callerLimiter: limitTo(1) });
    const [allowed, refused] = [await request(path, initOf(method)), await request(path, initOf(method))];
    expect(allowed.headers.get("RateLimit-Policy")).toBeNull();
    expect(allowed.headers.get("RateLimit")).toBeNull();
    expect(refused.headers.get("RateLimit-Policy")).toBeNull();
    expect(refused.headers.get("RateLimit")).toBe('"default";r=0;t=60');
    expect(await readProblem(refused)).toMatchObject({ "violated-policies": ["default"] });
  });
});

describe.for(SCENARIOS)("the response $name", (scenario) => {
  test("tells the quota exactly when its caller was authenticated", async ({ expect }) => {
    const { request } = createTestApp({ ...scenario.options(), callerLimit: 600 });
    const { headers } = await request(scenario.path, requestOf(scenario));
    expect(headers.get("RateLimit-Policy")).toBe(scenario.caller === null ? null : POLICY);
    const isOverQuota = scenario.code === "quota-exceeded" && scenario.caller !== null;
    expect(headers.has("RateLimit")).toBe(isOverQuota);
  });
});

describe("too many failed attempts", () => {
  test("violate a policy of their own, about whose quota nothing is told", async ({ expect }) => {
    const { request } = createTestApp({ apiKey: "right", failureLimiter: limitTo(0), callerLimit: 600 });
    for (const headers of [{}, { "X-API-Key": "wrong" }]) {
      const response = await request(USERS, { headers });
      expect(response.headers.get("RateLimit-Policy")).toBeNull();
      expect(response.headers.get("RateLimit")).toBeNull();
      expect(response.headers.get("Retry-After")).toBe("60");
      expect(await readProblem(response)).toMatchObject({
        code: "quota-exceeded",
        "violated-policies": ["failed-authentication"],
      });
    }
  });

  test("do not keep those out whose credentials are right", async ({ expect }) => {
    const { request } = createTestApp({ apiKey: "right", failureLimiter: limitTo(0) });
    expect((await request(USERS, from("192.0.2.1", { "X-API-Key": "wrong" }))).status).toBe(429);
    expect((await request(USERS, from("192.0.2.1", { "X-API-Key": "right" }))).status).toBe(200);
  });
});

describe("preflights, probes and pages", () => {
  test.for(PUBLIC_PATHS)("$path tells no quota", async ({ path }, { expect }) => {
    const { headers } = await createTestApp({ callerLimit: 600 }).request(path);
    expect(headers.get("RateLimit-Policy")).toBeNull();
  });

  test.for(KNOWN_PATHS)("OPTIONS $path counts for nobody", async ({ path }, { expect }) => {
    const callerLimiter = limitTo(0);
    const response = await createTestApp({ callerLimiter, callerLimit: 600 }).request(path, { method: "OPTIONS" });
    expect(response.status).toBe(204);
    expect(response.headers.get("RateLimit-Policy")).toBeNull();
    expect(callerLimiter.keys).toEqual([]);
  });
});

/** Each line is one network, in several spellings and of several addresses. */
const NETWORKS: readonly (readonly string[])[] = [
  ["192.0.2.1"],
  ["192.0.2.2"],
  ["192.0.2.11"],
  [
    "2001:db8::1",
    "2001:db8::2",
    "2001:DB8::1",
    "2001:0db8::1",
    "2001:db8:0:0::1",
    "2001:db8:0:0:1:2:3:4",
    "2001:0db8:0000:0000:0000:0000:0000:0001",
    "2001:db8::",
    "2001:db8::ffff:ffff:ffff:ffff",
    "2001:db8:0:0:a:b:192.0.2.1",
  ],
  [
    "2001:db8:0:1::1",
    "2001:db8:0:1::2",
    "2001:db8::1:a:b:c:d",
    "2001:db8::0001:a:b:c:d",
    "2001:db8:0:1:a:b:c:d",
    "2001:db8:0:1:0:0:0:1",
  ],
  ["2001:db8:1::1", "2001:db8:1:0:ffff::", "2001:DB8:1:0:a:b:c:d"],
  ["2001:db8:1:2::1", "2001:db8:1:2::", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3::6", "2001:0DB8:0001:0002:3:4:5::"],
  ["2a00::5:a:b:c:d", "2a00:0:0:5::1", "2a00:0:0:5:a::", "2a00:0000:0000:0005:1:2:3:4"],
  ["2a00::6:a:b:c:d", "2a00:0:0:6::1"],
  ["1:0:2:3:4:5:6:7", "1::2:3:4:5:6:7", "1:0:2:3::"],
  ["0:1:2:3:4:5:6:7", "::1:2:3:4:5:6:7", "0:1:2:3::"],
  ["::1", "::2", "::", "0:0:0:0:a:b:c:d", "::a:b:c:d"],
];

const LIMITS: readonly (readonly [string, (limiter: ReturnType<typeof limitTo>) => TestAppOptions, number])[] = [
  ["callers without credentials", (callerLimiter) => ({ callerLimiter }), 200],
  ["failed attempts", (failureLimiter) => ({ failureLimiter, apiKey: "right" }), 401],
];

describe.for(LIMITS)("%s are told apart by network", ([, optionsOf, status]) => {
  test("whatever address of it they have, and however it is spelled", async ({ expect }) => {
    const limiter = limitTo(1_000);
    const { request } = createTestApp(optionsOf(limiter));
    const keys: string[][] = [];
    for (const network of NETWORKS) {
      const first = limiter.keys.length;
      for (const address of network) expect((await request(USERS, from(address))).status).toBe(status);
      keys.push([...new Set(limiter.keys.slice(first))]);
    }
    expect(keys.map((ofNetwork) => ofNetwork.length)).toEqual(NETWORKS.map(() => 1));
    expect(new Set(keys.flat()).size).toBe(NETWORKS.length);
  });

  test("and an IPv4 address written as IPv6 is that IPv4 address", async ({ expect }) => {
    const limiter = limitTo(1);
    const { request } = createTestApp(optionsOf(limiter));
    for (const address of ["192.0.2.1", "::ffff:192.0.2.1", "::FFFF:192.0.2.1"]) await request(USERS, from(address));
    expect(new Set(limiter.keys).size).toBe(1);
    expect((await request(USERS, from("::ffff:192.0.2.2"))).status).toBe(status);
  });

  const MADE_UP = [
    "X-Forwarded-For",
    "True-Client-IP",
    "CF-Connecting-IPv6",
    "CF-Pseudo-IPv4",
    "X-Real-IP",
    "X-Client-IP",
    "X-Cluster-Client-IP",
    "Fastly-Client-IP",
    "Forwarded",
    "Via",
    "CF-Ray",
    "CF-IPCountry",
    "User-Agent",
    "X-Request-ID",
    "traceparent",
    "Origin",
    "Cookie",
    "Idempotency-Key",
  ];

  test.for(MADE_UP)("and %s does not change where they are", async (name, { expect }) => {
    const limiter = limitTo(1);
    const { request } = createTestApp(optionsOf(limiter));
    const statuses: number[] = [];
    for (const value of ["198.51.100.1", "198.51.100.2", "2001:db8::1"]) {
      const values = name === "Forwarded" ? `for=${value}` : value;
      statuses.push((await request(USERS, from("192.0.2.1", { [name]: values }))).status);
    }
    expect(statuses).toEqual([status, 429, 429]);
    expect(new Set(limiter.keys)).toEqual(new Set(["address:192.0.2.1"]));
  });
});

describe("callers with a token", () => {
  test("are told apart by whom it names, from whatever address and beside keys", async ({ expect }) => {
    const callerLimiter = limitTo(1);
    const scopes = ["users:read"] as const;
    const tokens = acceptTokens({
      "a-1": { id: "jwt:a", scopes },
      "a-2": { id: "jwt:a", scopes },
      b: { id: "jwt:b", scopes },
    });
    const { request } = createTestApp({
      tokens,
      apiKey: "key",
      callerLimiter,
      users: createFakeUserRepository([buildUser()]),
    });
    const call = async (headers: Record<string, string>, address: string) =>
      (await request(USERS, from(address, headers))).status;
    expect(await call({ Authorization: "Bearer a-1" }, "192.0.2.1")).toBe(200);
    expect(await call({ Authorization: "Bearer a-2" }, "192.0.2.2")).toBe(429);
    expect(await call({ Authorization: "Bearer b" }, "192.0.2.1")).toBe(200);
    expect(await call({ "X-API-Key": "key" }, "192.0.2.1")).toBe(200);
    expect(await call({ "X-API-Key": "key", Authorization: "Bearer b" }, "192.0.2.3")).toBe(429);
    expect(callerLimiter.keys).toEqual(["jwt:a", "jwt:a", "jwt:b", "api-key", "jwt:b"].map((id) => `caller:${id}`));
  });
});
