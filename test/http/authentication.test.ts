import { describe, test } from "vitest";

import type { ApiKeyEntry } from "../../src/auth/api-keys.ts";
import { PUBLIC_PATHS, USER_OPERATIONS } from "../support/http-contract.ts";
import { createRecordedApp, limitTo, PLAIN_KEY_CALLER_ID, SERVED_ASSETS, sha256Hex } from "../support/http-fakes.ts";
import { newUserData, readProblem, send, USERS } from "../support/http-messages.ts";
import { createTestApp } from "../support/test-app.ts";

const entry = async (id: string, key: string, scopes: ApiKeyEntry["scopes"]): Promise<ApiKeyEntry> => ({
  id,
  sha256: await sha256Hex(key),
  scopes,
});

type Operation = (typeof USER_OPERATIONS)[number];
const withKey = ({ method }: Operation, key?: string): RequestInit => {
  const headers: Record<string, string> = key === undefined ? {} : { "X-API-Key": key };
  return method === "POST" || method === "PATCH" ? send(method, newUserData(), headers) : { method, headers };
};

const ADMITTED = [200, 201, 204, 404];

describe.for(USER_OPERATIONS)("the operation $name", (operation) => {
  test("without credentials is 401 and says how to authenticate", async ({ expect }) => {
    const { request, users } = createRecordedApp({ apiKey: "right" });
    const response = await request(operation.path, withKey(operation));
    expect(await readProblem(response)).toMatchObject({ code: "missing-credentials", status: 401 });
    expect(response.headers.get("WWW-Authenticate")).toBe('ApiKey realm="users", header="X-API-Key"');
    expect(users.calls).toEqual([]);
  });

  test("with an empty key is 401", async ({ expect }) => {
    const response = await createTestApp({ apiKey: "right" }).request(operation.path, withKey(operation, ""));
    expect(await readProblem(response)).toMatchObject({ code: "missing-credentials", status: 401 });
  });

  test("with a wrong key is 403, and the answer repeats nothing of it", async ({ expect }) => {
    const { request, users } = createRecordedApp({ apiKey: "right" });
    const response = await request(operation.path, withKey(operation, "s3cr3t-guess"));
    expect(await readProblem(response.clone())).toMatchObject({ code: "invalid-api-key", status: 403 });
    expect(await response.text()).not.toContain("s3cr3t");
    expect(users.calls).toEqual([]);
  });

  test("is admitted with the single key", async ({ expect }) => {
    const response = await createTestApp({ apiKey: "right" }).request(operation.path, withKey(operation, "right"));
    expect(ADMITTED).toContain(response.status);
  });

  test("needs its own scope, which the refusal names", async ({ expect }) => {
    const entries = [await entry("reader", "read", ["users:read"]), await entry("writer", "write", ["users:write"])];
    const { request } = createTestApp({ entries });
    const [fitting, other] = operation.scope === "users:read" ? ["read", "write"] : ["write", "read"];
    expect(ADMITTED).toContain((await request(operation.path, withKey(operation, fitting))).status);
    const problem = await readProblem(await request(operation.path, withKey(operation, other)));
    expect(problem).toMatchObject({ code: "insufficient-scope", status: 403 });
    expect(problem.detail).toContain(operation.scope);
  });

  test("is open to all when no key is configured", async ({ expect }) => {
    const { request } = createTestApp();
    expect(ADMITTED).toContain((await request(operation.path, withKey(operation))).status);
    expect(ADMITTED).toContain((await request(operation.path, withKey(operation, "anything"))).status);
  });
});

describe("API keys", () => {
  test.for(["Right", "right!", "righ", "right,right", "rightright", "x".repeat(8_000)])(
    "differ from %j",
    async (key, { expect }) => {
      const response = await createTestApp({ apiKey: "right" }).request(USERS, { headers: { "X-API-Key": key } });
      expect(await readProblem(response)).toMatchObject({ code: "invalid-api-key" });
    },
  );

  test("are not accepted by their digest", async ({ expect }) => {
    const entries = [await entry("one", "right", ["users:read"])];
    const headers = { "X-API-Key": entries[0]?.sha256 ?? "" };
    expect((await createTestApp({ entries }).request(USERS, { headers })).status).toBe(403);
  });

  test("are not accepted from the query, the Authorization header or a cookie", async ({ expect }) => {
    const { request } = createTestApp({ apiKey: "right" });
    expect((await request(`${USERS}?api_key=right&X-API-Key=right`)).status).toBe(401);
    expect((await request(USERS, { headers: { Authorization: "Bearer right" } })).status).toBe(401);
    expect((await request(USERS, { headers: { Cookie: "X-API-Key=right" } })).status).toBe(401);
  });

  test("rotate without a gap: the old and the new one are both accepted, and the single one beside them", async ({
    expect,
  }) => {
    const entries = [
      await entry("old", "old-key", ["users:read"]),
      { ...(await entry("new", "new-key", ["users:read"])), sha256: (await sha256Hex("new-key")).toUpperCase() },
    ];
    const { request, events } = createTestApp({ entries, apiKey: "single-key" });
    for (const key of ["old-key", "new-key", "single-key"]) {
      expect((await request(USERS, { headers: { "X-API-Key": key } })).status).toBe(200);
    }
    expect(events.map(({ fields }) => fields["caller"])).toEqual(["old", "new", PLAIN_KEY_CALLER_ID]);
  });

  test("are told apart when many callers arrive at once, before any key was ever checked", async ({ expect }) => {
    const entries = [await entry("one", "key-1", ["users:read"]), await entry("two", "key-2", ["users:read"])];
    const { request, events } = createTestApp({ entries, apiKey: "key-3" });
    const keys = Array.from({ length: 30 }, (_, i) => `key-${(i % 3) + 1}`);
    const answers = await Promise.all(keys.map((key) => request(USERS, { headers: { "X-API-Key": key } })));
    expect(answers.map(({ status }) => status)).toEqual(keys.map(() => 200));
    const callers = Object.groupBy(events, ({ fields }) => String(fields["caller"]));
    expect(
      Object.entries(callers)
        .map(([caller, list]) => `${caller} ${list?.length}`)
        .toSorted(),
    ).toEqual([`${PLAIN_KEY_CALLER_ID} 10`, "one 10", "two 10"]);
  });
});

test.for(PUBLIC_PATHS)("$path needs no credentials, and wrong ones do not matter", async ({ path }, { expect }) => {
  const failureLimiter = limitTo(0);
  const { request, events } = createTestApp({ apiKey: "right", assets: SERVED_ASSETS, failureLimiter });
  expect((await request(path)).status).toBe(200);
  expect((await request(path, { headers: { "X-API-Key": "wrong" } })).status).toBe(200);
  expect(failureLimiter.keys).toEqual([]);
  expect(events.map(({ fields }) => fields["caller"])).toEqual([null, null]);
});

describe("failed attempts", () => {
  const from = (address: string, key?: string): RequestInit => ({
    headers: { "CF-Connecting-IP": address, ...(key === undefined ? {} : { "X-API-Key": key }) },
  });

  test("are limited by address, apart from the limit of callers", async ({ expect }) => {
    const [callerLimiter, failureLimiter] = [limitTo(100), limitTo(3)];
    const { request } = createTestApp({ apiKey: "right", callerLimiter, failureLimiter });
    const statuses: number[] = [];
    for (const key of ["wrong", undefined, "wrong", "wrong", undefined]) {
      statuses.push((await request(USERS, from("192.0.2.1", key))).status);
    }
    expect(statuses).toEqual([403, 401, 403, 429, 429]);
    expect(failureLimiter.keys).toEqual(Array.from({ length: 5 }, () => "address:192.0.2.1"));
    expect(callerLimiter.keys).toEqual([]);
    expect((await request(USERS, from("192.0.2.2", "wrong"))).status).toBe(403);
    expect((await request(USERS, from("192.0.2.1", "right"))).status).toBe(200);
  });

  test("over the limit are told when to come back, not how to authenticate", async ({ expect }) => {
    const { request } = createTestApp({ apiKey: "right", failureLimiter: limitTo(0) });
    const response = await request(USERS, from("192.0.2.1"));
    expect(await readProblem(response)).toMatchObject({ code: "quota-exceeded", status: 429 });
    expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(response.headers.get("WWW-Authenticate")).toBeNull();
  });

  test("cannot be spread over addresses that the client makes up", async ({ expect }) => {
    const failureLimiter = limitTo(1);
    const { request } = createTestApp({ apiKey: "right", failureLimiter });
    for (const [i, expected] of [401, 429, 429].entries()) {
      const headers = {
        "CF-Connecting-IP": "192.0.2.1",
        "X-Forwarded-For": `198.51.100.${i}`,
        "X-Real-IP": `198.51.100.${i}`,
        "True-Client-IP": `198.51.100.${i}`,
        Forwarded: `for=198.51.100.${i}`,
      };
      expect((await request(USERS, { headers })).status).toBe(expected);
    }
    expect(new Set(failureLimiter.keys)).toEqual(new Set(["address:192.0.2.1"]));
  });

  test("do not count a key that is right but lacks the scope", async ({ expect }) => {
    const failureLimiter = limitTo(0);
    const entries = [await entry("reader", "read", ["users:read"])];
    const response = await createTestApp({ entries, failureLimiter }).request(
      USERS,
      send("POST", {}, { "X-API-Key": "read" }),
    );
    expect((await readProblem(response)).code).toBe("insufficient-scope");
    expect(failureLimiter.keys).toEqual([]);
  });
});

test("one caller's identity never shows in the next request", async ({ expect }) => {
  const { request, events } = createTestApp({ apiKey: "right" });
  expect((await request(USERS, { headers: { "X-API-Key": "right" } })).status).toBe(200);
  expect((await request(USERS)).status).toBe(401);
  expect((await request(USERS, { headers: { "X-API-Key": "wrong" } })).status).toBe(403);
  expect(events.map(({ fields }) => fields["caller"])).toEqual([PLAIN_KEY_CALLER_ID, null, null]);
});

test("no response names the caller or the scopes of a key", async ({ expect }) => {
  const entries = [await entry("internal-billing-job", "right", ["users:read"])];
  const { request } = createTestApp({ entries });
  const key = { "X-API-Key": "right" };
  for (const [path, init] of [
    [USERS, { headers: key }],
    [USERS, send("POST", newUserData(), key)],
    [`${USERS}/id/nonsense`, { headers: key }],
  ] as const) {
    const response = await request(path, init);
    const everything = `${JSON.stringify(Object.fromEntries(response.headers))} ${await response.text()}`;
    expect(everything).not.toContain("internal-billing-job");
    expect(everything).not.toContain("right");
  }
});
