import { describe, test } from "vitest";

import { limitTo } from "../support/http-fakes.ts";
import { postFrame, postJson, readError, readFrames, SERVICE, stringField } from "../support/rpc-messages.ts";
import { createTestApp } from "../support/test-app.ts";
import { answering, bindApp, createTestRpc } from "../support/test-rpc.ts";

/* What every request to the RPC Worker has, beside its protocol: identity, headers, CORS, a line in the log. */

const ABSENT = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";
const GET_USER = `${SERVICE}/GetUser`;
const APP = "https://app.example";
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

const list = (headers: Record<string, string> = {}) => postJson({}, headers);

describe("a call", () => {
  test("passes on who calls, in which trace, under which id, and nothing else of the caller", async ({ expect }) => {
    const api = bindApp(createTestApp());
    const rpc = createTestRpc(api);
    const response = await rpc.request(
      `${SERVICE}/ListUsers`,
      list({
        Authorization: "Bearer x",
        "X-API-Key": "key",
        "X-Request-ID": "my-request",
        "User-Agent": "test/1",
        "CF-Connecting-IP": "2001:db8::1",
        "CF-Ray": "8d0e-FRA",
        traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
        tracestate: "vendor=1",
        Cookie: "a=b",
        Origin: APP,
        "If-Match": '"x"',
        "Idempotency-Key": "k",
      }),
    );
    expect(response.status).toBe(200);
    const [request] = api.requests;
    const traceparent = request?.headers.get("traceparent");
    expect(Object.fromEntries(request?.headers ?? [])).toEqual({
      authorization: "Bearer x",
      "x-api-key": "key",
      "x-request-id": "my-request",
      "user-agent": "test/1",
      "cf-connecting-ip": "2001:db8::1",
      "cf-ray": "8d0e-FRA",
      traceparent: expect.stringMatching(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`)),
      tracestate: "vendor=1",
    });
    expect(response.headers.get("traceparent")).toBe(traceparent);
    expect(response.headers.get("X-Request-ID")).toBe("my-request");
    expect(rpc.events).toMatchObject([
      {
        event: "rpc_request",
        level: "info",
        request_id: "my-request",
        trace_id: TRACE,
        span_id: traceparent?.slice(36, 52),
        method: "POST",
        route: `${SERVICE}/ListUsers`,
        status: 200,
        protocol: "connect",
        code: "ok",
        problem: null,
        colo: "FRA",
        user_agent: "test/1",
        sample_rate: 1,
      },
    ]);
  });

  test("has the API's headers of every answer, and the version of its own Worker", async ({ expect }) => {
    for (const path of [GET_USER, "/nothing", "/health"]) {
      const { headers } = await createTestRpc(bindApp(createTestApp())).request(path);
      expect(headers.get("X-Version-Id")).toBe("rpc-version");
      expect(headers.get("X-Request-ID")).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers.get("Cache-Control")).toBe("no-store");
      expect(headers.get("Content-Security-Policy")).toContain("default-src 'none'");
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(headers.get("Strict-Transport-Security")).toContain("max-age");
    }
  });

  test("is under the API's guards: credentials, scopes and limits, with its challenges and times", async ({
    expect,
  }) => {
    const app = createTestApp({ apiKey: "right", callerLimiter: limitTo(1), callerLimit: 60 });
    const rpc = createTestRpc(bindApp(app));
    const missing = await rpc.request(`${SERVICE}/ListUsers`, list());
    expect([missing.status, (await readError(missing)).code]).toEqual([401, "unauthenticated"]);
    expect(missing.headers.get("WWW-Authenticate")).toContain("ApiKey");
    const wrong = await rpc.request(`${SERVICE}/ListUsers`, list({ "X-API-Key": "wrong" }));
    expect([wrong.status, (await readError(wrong)).code]).toEqual([401, "unauthenticated"]);
    const right = await rpc.request(`${SERVICE}/ListUsers`, list({ "X-API-Key": "right" }));
    expect([right.status, right.headers.get("RateLimit-Policy")]).toEqual([200, '"default";q=60;w=60']);
    const over = await rpc.request(`${SERVICE}/ListUsers`, list({ "X-API-Key": "right" }));
    expect([over.status, over.headers.get("Retry-After")]).toEqual([429, "60"]);
    const { code, details = [] } = await readError(over);
    expect([code, details.map(({ type }) => type)]).toEqual([
      "resource_exhausted",
      ["google.rpc.ErrorInfo", "google.rpc.RetryInfo"],
    ]);
  });

  test("has the same headers by gRPC-Web, whose failures have status 200", async ({ expect }) => {
    const rpc = createTestRpc(bindApp(createTestApp({ apiKey: "right" })));
    const response = await rpc.request(GET_USER, postFrame(stringField(1, ABSENT)));
    expect(response.headers.get("WWW-Authenticate")).toContain("ApiKey");
    expect(response.headers.get("X-Request-ID")).not.toBeNull();
    expect((await readFrames(response)).trailers.get("grpc-status")).toBe("16");
  });

  test("tells the end of an operation as the API does", async ({ expect }) => {
    const headers = { Deprecation: "@1735689600", Sunset: "Wed, 01 Jan 2031 00:00:00 GMT", Link: "<x>; rel=next" };
    const rpc = createTestRpc(answering(() => Response.json({ data: [], next_cursor: null }, { headers })));
    const response = await rpc.request(`${SERVICE}/ListUsers`, list());
    const { Deprecation, Sunset } = headers;
    expect([response.headers.get("Deprecation"), response.headers.get("Sunset")]).toEqual([Deprecation, Sunset]);
    expect(response.headers.get("Link")).toBeNull();
  });
});

describe("what cannot stand in a URL or a header", () => {
  test.for(["", ".", "..", "../events", "a/b", "?", "#", "\u{d800}", "ü", "%2e%2e"])(
    "is refused by the API as an id or a username: %j",
    async (text, { expect }) => {
      const api = bindApp(createTestApp());
      const rpc = createTestRpc(api);
      for (const [method, field] of [
        ["GetUser", "id"],
        ["GetUserByUsername", "username"],
        ["UpdateUser", "id"],
        ["DeleteUser", "id"],
      ] as const) {
        const response = await rpc.request(`${SERVICE}/${method}`, postJson({ [field]: text }));
        const { code, message } = await readError(response);
        expect([method, code]).toEqual([method, "invalid_argument"]);
        if (text.isWellFormed()) expect(message).toMatch(new RegExp(`^${field}: `));
      }
    },
  );

  test.for(["a\nb", "ü", "\u{1f600}", "\u0000", "x".repeat(300)])(
    "is refused as a key or an etag: %j",
    async (text, { expect }) => {
      const rpc = createTestRpc(bindApp(createTestApp()));
      const user = { username: "ghopper", email: "grace@example.com", fullName: "Grace Hopper" };
      const create = await rpc.request(`${SERVICE}/CreateUser`, postJson({ ...user, idempotencyKey: text }));
      expect(await readError(create)).toMatchObject({ code: "invalid_argument", message: /^idempotency_key: / });
      const remove = await rpc.request(`${SERVICE}/DeleteUser`, postJson({ id: ABSENT, etag: text }));
      expect(await readError(remove)).toMatchObject({ code: "invalid_argument", message: /^etag: / });
    },
  );

  test("but a key may hold quotes and backslashes", async ({ expect }) => {
    const api = bindApp(createTestApp());
    const rpc = createTestRpc(api);
    const user = { username: "ghopper", email: "grace@example.com", fullName: "Grace Hopper" };
    const message = postJson({ ...user, idempotencyKey: String.raw`a "b" \c` });
    expect(await (await rpc.request(`${SERVICE}/CreateUser`, message)).json()).not.toHaveProperty("replayed");
    expect(await (await rpc.request(`${SERVICE}/CreateUser`, message)).json()).toMatchObject({ replayed: true });
    expect(api.requests[0]?.headers.get("Idempotency-Key")).toBe(String.raw`"a \"b\" \\c"`);
  });
});

describe("browsers", () => {
  const preflight = (origin: string): RequestInit => ({
    method: "OPTIONS",
    headers: {
      Origin: origin,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "content-type,x-grpc-web,x-user-agent,connect-protocol-version,x-api-key",
    },
  });

  test("are told nothing without configuration, nor from another origin", async ({ expect }) => {
    for (const origins of [null, [APP]]) {
      const rpc = createTestRpc(bindApp(createTestApp()), { origins });
      for (const init of [preflight("https://evil.example"), list({ Origin: "https://evil.example" })]) {
        const { headers } = await rpc.request(GET_USER, init);
        expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
        expect(headers.get("Vary")).toBe(origins === null ? null : "Origin");
      }
    }
  });

  test.for([
    [[APP], APP],
    ["*", "*"],
  ] as const)("of %s may call and read", async ([origins, allowed], { expect }) => {
    const rpc = createTestRpc(bindApp(createTestApp()), { origins });
    const asked = await rpc.request(GET_USER, preflight(APP));
    expect([asked.status, asked.headers.get("Access-Control-Allow-Origin")]).toEqual([204, allowed]);
    expect(asked.headers.get("Access-Control-Allow-Methods")).toBe("POST, GET");
    const headers = asked.headers.get("Access-Control-Allow-Headers")?.toLowerCase().split(", ");
    expect(headers).toEqual(
      expect.arrayContaining([
        "content-type",
        "x-grpc-web",
        "x-user-agent",
        "grpc-timeout",
        "connect-timeout-ms",
        "x-api-key",
      ]),
    );
    const called = await rpc.request(GET_USER, postJson({ id: ABSENT }, { Origin: APP }));
    expect(called.headers.get("Access-Control-Allow-Origin")).toBe(allowed);
    expect(called.headers.get("Access-Control-Expose-Headers")?.toLowerCase()).toMatch(/grpc-status.*retry-after/);
    expect(called.headers.get("Access-Control-Allow-Credentials")).toBeNull();
  });
});

describe("the log", () => {
  test("names no path that is nobody's, and counts health and refusals", async ({ expect }) => {
    const rpc = createTestRpc(bindApp(createTestApp()));
    await rpc.request("/grace@example.com");
    await rpc.request("/health");
    await rpc.request(GET_USER, postJson("{", { "Content-Type": "text/plain" }));
    await rpc.request(GET_USER, {
      ...postJson("", { "Content-Type": "application/proto" }),
      body: new Uint8Array([255]),
    });
    expect(
      rpc.events.map(({ level, route, status, protocol, code }) => [level, route, status, protocol, code]),
    ).toEqual([
      ["warn", null, 404, null, null],
      ["info", "/health", 200, null, null],
      ["warn", GET_USER, 415, null, null],
      ["warn", GET_USER, 500, "connect", "internal"],
    ]);
  });

  test("keeps failures of gRPC-Web whatever the sampling is", async ({ expect }) => {
    const rpc = createTestRpc(bindApp(createTestApp()), { logSampling: { rate: 0, slowMs: 60_000 } });
    await rpc.request(`${SERVICE}/ListUsers`, list());
    await rpc.request(GET_USER, postFrame(stringField(1, ABSENT)));
    expect(rpc.events.map(({ code }) => code)).toEqual(["not_found"]);
  });
});

describe("/health", () => {
  test("tells that the Worker runs, by GET and HEAD", async ({ expect }) => {
    const rpc = createTestRpc(answering(() => Promise.reject(new Error("nobody asks"))));
    expect(await (await rpc.request("/health")).json()).toEqual({ status: "ok" });
    const head = await rpc.request("/health", { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const post = await rpc.request("/health", { method: "POST" });
    expect([post.status, post.headers.get("Allow")]).toEqual([405, "GET, HEAD"]);
  });
});
