import { describe, test } from "vitest";

import { AppError } from "../../src/models/errors.ts";
import { PUBLIC_PATHS, USER_OPERATIONS } from "../support/http-contract.ts";
import {
  acceptTokens,
  createRecordedApp,
  limitTo,
  PLAIN_KEY_CALLER_ID,
  SERVED_ASSETS,
  sha256Hex,
} from "../support/http-fakes.ts";
import { newUserData, readProblem, send, USERS } from "../support/http-messages.ts";
import { createTestApp, type TestAppOptions } from "../support/test-app.ts";

const API_KEY = 'ApiKey realm="users", header="X-API-Key"';
const BEARER = 'Bearer realm="users"';

const KNOWN = {
  full: { id: "jwt:full", scopes: ["users:read", "users:write"] },
  reader: { id: "jwt:reader", scopes: ["users:read"] },
  writer: { id: "jwt:writer", scopes: ["users:write"] },
  nothing: { id: "jwt:nothing", scopes: [] },
} as const;

type Headers_ = Record<string, string>;
const bearer = (token: string): Headers_ => ({ Authorization: `Bearer ${token}` });
const initOf = (method: string, headers: Headers_): RequestInit =>
  method === "POST" || method === "PATCH" ? send(method, newUserData(), headers) : { method, headers };

function openApp(options: TestAppOptions = {}) {
  const tokens = acceptTokens(KNOWN, "expired");
  return { tokens, ...createRecordedApp({ tokens, apiKey: "key", ...options }) };
}

const ADMITTED = [200, 201, 204, 404];

describe.for(USER_OPERATIONS)("the operation $name", ({ method, path, scope }) => {
  const [fitting, other] = scope === "users:read" ? ["reader", "writer"] : ["writer", "reader"];

  test("admits whoever has a token with its scope", async ({ expect }) => {
    for (const token of ["full", fitting]) {
      const { request, events } = openApp();
      expect(ADMITTED).toContain((await request(path, initOf(method, bearer(token)))).status);
      expect(events[0]?.fields).toMatchObject({ caller: `jwt:${token}`, token_refusal: null });
    }
  });

  test("without credentials is 401 and offers both ways", async ({ expect }) => {
    const { request, users } = openApp();
    const response = await request(path, initOf(method, {}));
    expect(await readProblem(response)).toMatchObject({ code: "missing-credentials", status: 401 });
    expect(response.headers.get("WWW-Authenticate")).toBe(`${BEARER}, ${API_KEY}`);
    expect(users.calls).toEqual([]);
  });

  test("with a token that is refused is 401 invalid_token, and only the log knows why", async ({ expect }) => {
    const { request, users, events } = openApp();
    const response = await request(path, initOf(method, bearer("s3cr3t")));
    expect(response.headers.get("WWW-Authenticate")).toBe(`${BEARER}, error="invalid_token", ${API_KEY}`);
    const everything = `${JSON.stringify(Object.fromEntries(response.headers))} ${await response.clone().text()}`;
    expect(everything).not.toMatch(/s3cr3t|\bexpired"/);
    expect(await readProblem(response)).toMatchObject({ code: "invalid-token", status: 401 });
    expect(users.calls).toEqual([]);
    expect(events).toHaveLength(1);
    expect(events[0]?.fields).toMatchObject({ caller: null, problem: "invalid-token", token_refusal: "expired" });
    expect(JSON.stringify(events)).not.toContain("s3cr3t");
  });

  test("without its scope is 403 insufficient_scope, and names the scope", async ({ expect }) => {
    for (const token of [other, "nothing"]) {
      const { request, users } = openApp();
      const response = await request(path, initOf(method, bearer(token)));
      expect(response.headers.get("WWW-Authenticate")).toBe(
        `${BEARER}, error="insufficient_scope", scope="${scope}", ${API_KEY}`,
      );
      const problem = await readProblem(response);
      expect(problem).toMatchObject({ code: "insufficient-scope", status: 403 });
      expect(problem.detail).toContain(scope);
      expect(users.calls).toEqual([]);
    }
  });

  test("whose token cannot be checked is 503, not 401, and says when to come back", async ({ expect }) => {
    const failureLimiter = limitTo(0);
    const tokens = { verify: () => Promise.reject(new AppError("credentials-unverifiable")) };
    const { request, users } = openApp({ tokens, failureLimiter });
    const response = await request(path, initOf(method, bearer("full")));
    expect(await readProblem(response)).toMatchObject({ code: "credentials-unverifiable", status: 503 });
    expect(response.headers.get("Retry-After")).toMatch(/^[1-9]\d*$/);
    expect(response.headers.get("WWW-Authenticate")).toBeNull();
    expect([users.calls, failureLimiter.keys]).toEqual([[], []]);
  });
});

describe("where no tokens are configured", () => {
  const closed = () => createRecordedApp({ apiKey: "key" });

  test("nobody is told of them", async ({ expect }) => {
    for (const headers of [{}, bearer("full"), { Authorization: "Basic a2V5" }]) {
      const response = await closed().request(USERS, { headers });
      expect(await readProblem(response)).toMatchObject({ code: "missing-credentials" });
      expect(response.headers.get("WWW-Authenticate")).toBe(API_KEY);
    }
    const entries = [{ id: "reader", sha256: await sha256Hex("read"), scopes: ["users:read"] as const }];
    const refused = await createTestApp({ entries }).request(USERS, send("POST", {}, { "X-API-Key": "read" }));
    expect(refused.status).toBe(403);
    expect(refused.headers.get("WWW-Authenticate")).toBeNull();
  });

  test("a token beside a key does not matter", async ({ expect }) => {
    const { request, events } = closed();
    expect((await request(USERS, { headers: { "X-API-Key": "key", ...bearer("nonsense") } })).status).toBe(200);
    expect(events[0]?.fields).toMatchObject({ caller: PLAIN_KEY_CALLER_ID });
  });
});

describe("where no keys are configured", () => {
  test("a token is needed, and a key beside it does not matter", async ({ expect }) => {
    const { request } = createTestApp({ tokens: acceptTokens(KNOWN) });
    expect((await request(USERS)).status).toBe(401);
    expect((await request(USERS, { headers: { "X-API-Key": "anything" } })).status).toBe(401);
    expect((await request(USERS, { headers: bearer("full") })).status).toBe(200);
    expect((await request(USERS, { headers: { ...bearer("full"), "X-API-Key": "anything" } })).status).toBe(200);
  });
});

describe("both credentials", () => {
  test.for([
    ["both right", { "X-API-Key": "key", ...bearer("reader") }, 200, "jwt:reader"],
    ["a wrong key", { "X-API-Key": "wrong", ...bearer("reader") }, 403, null],
    ["a wrong token", { "X-API-Key": "key", ...bearer("wrong") }, 401, null],
    ["both wrong", { "X-API-Key": "wrong", ...bearer("wrong") }, 403, null],
    ["an empty key", { "X-API-Key": "", ...bearer("reader") }, 200, "jwt:reader"],
    ["an empty Authorization", { "X-API-Key": "key", Authorization: "" }, 200, PLAIN_KEY_CALLER_ID],
    ["another scheme", { "X-API-Key": "key", Authorization: "Basic a2V5OmtleQ==" }, 200, PLAIN_KEY_CALLER_ID],
  ] as const)("%s", async ([, headers, status, caller], { expect }) => {
    const { request, events } = openApp();
    expect((await request(USERS, { headers })).status).toBe(status);
    expect(events[0]?.fields).toMatchObject({ caller });
  });

  test("have the scopes of the token, not those of the key", async ({ expect }) => {
    const { request } = openApp();
    const response = await request(USERS, send("POST", newUserData(), { "X-API-Key": "key", ...bearer("reader") }));
    expect(await readProblem(response)).toMatchObject({ code: "insufficient-scope" });
  });

  test("with a wrong key cost no check of the token", async ({ expect }) => {
    const { request, tokens } = openApp();
    await request(USERS, { headers: { "X-API-Key": "wrong", ...bearer("full") } });
    expect(tokens.seen).toEqual([]);
  });
});

describe("the Authorization header", () => {
  test.for(["bearer full", "BEARER full", "BeArEr full", "Bearer  full", "Bearer full "])(
    "%j holds a token",
    async (value, { expect }) => {
      expect((await openApp().request(USERS, { headers: { Authorization: value } })).status).toBe(200);
    },
  );

  test.for([
    "Bearer",
    "Bearer a b",
    "Bearer full, Bearer full",
    "Bearer <full>",
    'Bearer "full"',
    "Bearer =",
    "Bearer full\u00a0x",
  ])("%j is a token that is refused", async (value, { expect }) => {
    const { request, events, tokens } = openApp();
    const response = await request(USERS, { headers: { Authorization: value } });
    expect(await readProblem(response)).toMatchObject({ code: "invalid-token" });
    expect(events[0]?.fields).toMatchObject({ token_refusal: "malformed" });
    expect(tokens.seen).toEqual([]);
  });

  test.for(["full", "Token full", "Basic ZnVsbA==", "Bearerfull", "Bearer:full", "Digest full"])(
    "%j is of another scheme, hence no credential",
    async (value, { expect }) => {
      const response = await openApp().request(USERS, { headers: { Authorization: value } });
      expect(await readProblem(response)).toMatchObject({ code: "missing-credentials" });
    },
  );

  test("is the only place of a token", async ({ expect }) => {
    const { request, tokens } = openApp();
    expect((await request(`${USERS}?access_token=full`)).status).toBe(401);
    expect((await request(USERS, { headers: { Cookie: "access_token=full", "X-API-Key": "" } })).status).toBe(401);
    expect((await request(USERS, { headers: { "Proxy-Authorization": "Bearer full" } })).status).toBe(401);
    expect(tokens.seen).toEqual([]);
  });
});

test.for(PUBLIC_PATHS)("$path needs no token, and a wrong one does not matter", async ({ path }, { expect }) => {
  const failureLimiter = limitTo(0);
  const { request, tokens } = openApp({ failureLimiter, assets: SERVED_ASSETS });
  expect((await request(path, { headers: bearer("wrong") })).status).toBe(200);
  expect([tokens.seen, failureLimiter.keys]).toEqual([[], []]);
});

describe("failed attempts with tokens", () => {
  const from = (address: string, headers: Headers_ = {}) => ({ headers: { "CF-Connecting-IP": address, ...headers } });

  test("count with those of keys, by address, apart from the limit of callers", async ({ expect }) => {
    const [callerLimiter, failureLimiter] = [limitTo(100), limitTo(3)];
    const { request } = openApp({ callerLimiter, failureLimiter });
    const attempts: Headers_[] = [bearer("wrong"), bearer("a b"), { "X-API-Key": "wrong" }, bearer("wrong"), {}];
    const statuses: number[] = [];
    for (const headers of attempts) statuses.push((await request(USERS, from("192.0.2.1", headers))).status);
    expect(statuses).toEqual([401, 401, 403, 429, 429]);
    expect(failureLimiter.keys).toEqual(attempts.map(() => "address:192.0.2.1"));
    expect(callerLimiter.keys).toEqual([]);
    expect((await request(USERS, from("192.0.2.1", bearer("full")))).status).toBe(200);
    expect((await request(USERS, from("192.0.2.2", bearer("wrong")))).status).toBe(401);
  });

  test("over the limit are told when to come back, not how to authenticate", async ({ expect }) => {
    const { request } = openApp({ failureLimiter: limitTo(0) });
    const response = await request(USERS, from("192.0.2.1", bearer("wrong")));
    expect(await readProblem(response)).toMatchObject({
      code: "quota-exceeded",
      "violated-policies": ["failed-authentication"],
    });
    expect(response.headers.get("WWW-Authenticate")).toBeNull();
    expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(0);
  });

  test("do not count a token that is right but lacks the scope", async ({ expect }) => {
    const failureLimiter = limitTo(0);
    const { request } = openApp({ failureLimiter });
    expect((await request(USERS, from("192.0.2.1", bearer("writer")))).status).toBe(403);
    expect(failureLimiter.keys).toEqual([]);
  });
});
