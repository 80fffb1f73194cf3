import { describe, test } from "vitest";

import { getPath, postJson, readError, SERVICE, stringField } from "../support/rpc-messages.ts";
import { createTestApp, type TestAppOptions } from "../support/test-app.ts";
import { answering, bindApp, createTestRpc } from "../support/test-rpc.ts";

/*
 * The unary part of https://connectrpc.com/docs/protocol, in the runtime that serves it: what Connect's own conformance suite asks
 * of a server without streams and without compression.
 */

const USER = { username: "GHopper", email: "grace@example.com", fullName: "Grace Hopper" };
const ABSENT = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";

const open = (options: TestAppOptions = {}) => createTestRpc(bindApp(createTestApp(options)));

const slow = () =>
  createTestRpc({
    fetch: ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true })),
  });

const GET_USER = `${SERVICE}/GetUser`;
const CREATE_USER = `${SERVICE}/CreateUser`;

describe("a unary request", () => {
  test.for(["application/json", "application/json; charset=utf-8"])("is read as %s", async (type, { expect }) => {
    const response = await open().request(CREATE_USER, postJson(USER, { "Content-Type": type }));
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    expect(await response.json()).toMatchObject({
      user: { username: "ghopper", fullName: "Grace Hopper" },
      etag: expect.stringMatching(/^".{36}\.1"$/),
    });
  });

  test("is read as application/proto, and answered in it", async ({ expect }) => {
    const rpc = open();
    await rpc.request(CREATE_USER, postJson(USER));
    const response = await rpc.request(`${SERVICE}/GetUserByUsername`, {
      method: "POST",
      headers: { "Content-Type": "application/proto", "Connect-Protocol-Version": "1" },
      body: stringField(1, "ghopper"),
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("application/proto");
    expect(new TextDecoder().decode(await response.arrayBuffer())).toContain("grace@example.com");
  });

  test("may be empty in Protobuf, which is a message of defaults, and not in JSON", async ({ expect }) => {
    const list = `${SERVICE}/ListUsers`;
    const proto = { method: "POST", headers: { "Content-Type": "application/proto" }, body: new Uint8Array() };
    expect((await open().request(list, proto)).status).toBe(200);
    expect((await open().request(list, postJson("{}"))).status).toBe(200);
    const empty = await open().request(list, postJson(""));
    expect([empty.status, (await readError(empty)).code]).toEqual([400, "invalid_argument"]);
  });

  test("may have fields that nobody knows yet", async ({ expect }) => {
    expect((await open().request(CREATE_USER, postJson({ ...USER, later: 1 }))).status).toBe(200);
  });

  test.for(["{", '{"id": 5}', "[]", "null"])("is refused when it is %s", async (body, { expect }) => {
    const response = await open().request(GET_USER, postJson(body));
    expect([response.status, (await readError(response)).code]).toEqual([400, "invalid_argument"]);
  });

  test.for([
    "application/xml",
    "text/plain",
    "application/connect+json",
    "application/connect+proto",
    "application/grpc",
    "application/grpc+proto",
    "application/grpc-web-text",
    "application/jsonx",
  ])("is refused as %s with 415, which names the codecs", async (type, { expect }) => {
    const response = await open().request(GET_USER, postJson({ id: ABSENT }, { "Content-Type": type }));
    expect(response.status).toBe(415);
    expect(response.headers.get("Accept-Post")).toContain("application/json, application/proto");
    expect(await response.text()).toBe("");
  });

  test("is refused without a type", async ({ expect }) => {
    const body = new TextEncoder().encode("{}");
    expect((await open().request(GET_USER, { method: "POST", body })).status).toBe(415);
  });

  test.for(["PUT", "PATCH", "DELETE", "HEAD"])(
    "is refused by %s with 405, which names the methods",
    async (method, { expect }) => {
      const reading = await open().request(GET_USER, { method });
      expect([reading.status, reading.headers.get("Allow")]).toEqual([405, "POST, GET, OPTIONS"]);
      const changing = await open().request(CREATE_USER, { method });
      expect([changing.status, changing.headers.get("Allow")]).toEqual([405, "POST, OPTIONS"]);
    },
  );

  test.for([
    `${SERVICE}/Nothing`,
    `${SERVICE}`,
    "/",
    "/users.v2.UsersService/GetUser",
    `${GET_USER}/`,
    "/api/v1/users",
  ])("is told that nothing is at %s", async (path, { expect }) => {
    const response = await open().request(path, postJson({}));
    expect([response.status, (await readError(response)).code]).toEqual([404, "unimplemented"]);
  });

  test("of more than 64 KiB is refused, announced or not, in either codec", async ({ expect }) => {
    const text = "x".repeat(64 * 1024);
    const streamed = new Response(JSON.stringify({ id: text })).body;
    const inits: RequestInit[] = [
      postJson({ id: text }),
      { ...postJson(""), body: streamed, duplex: "half" } as RequestInit,
      { ...postJson("", { "Content-Type": "application/proto" }), body: new Uint8Array(64 * 1024 + 1) },
    ];
    for (const init of inits) {
      const response = await open().request(GET_USER, init);
      expect([response.status, (await readError(response)).code]).toEqual([429, "resource_exhausted"]);
    }
  });
});

describe("compression", () => {
  test.for(["gzip", "br", "zstd", "nonsense"])("of a request by %s is unimplemented", async (coding, { expect }) => {
    const response = await open().request(GET_USER, postJson({ id: ABSENT }, { "Content-Encoding": coding }));
    expect([response.status, (await readError(response)).code]).toEqual([501, "unimplemented"]);
  });

  test("identity is taken, and no answer is compressed", async ({ expect }) => {
    const rpc = open();
    const headers = { "Content-Encoding": "identity", "Accept-Encoding": "gzip, br" };
    const response = await rpc.request(CREATE_USER, postJson(USER, headers));
    expect([response.status, response.headers.get("Content-Encoding")]).toEqual([200, null]);
  });

  test("of a message in the query is unimplemented, too", async ({ expect }) => {
    const path = getPath("GetUser", { connect: "v1", encoding: "json", compression: "gzip", message: "{}" });
    const response = await open().request(path);
    expect([response.status, (await readError(response)).code]).toEqual([501, "unimplemented"]);
  });
});

describe("a call by GET", () => {
  const rpc = open();
  const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));

  test("has its message in the query, plain or in either base64", async ({ expect }) => {
    await rpc.request(CREATE_USER, postJson(USER));
    const message = '{"username":"ghopper"}';
    const proto = base64(stringField(1, "ghopper"));
    const queries = [
      { connect: "v1", encoding: "json", message },
      { encoding: "json", message },
      { connect: "v1", encoding: "json", message: base64(new TextEncoder().encode(message)), base64: "1" },
      { connect: "v1", encoding: "proto", message: proto, base64: "1" },
      { connect: "v1", encoding: "proto", message: proto.replace(/=+$/, ""), base64: "1" },
      { connect: "v1", encoding: "json", message, compression: "identity" },
    ];
    for (const query of queries) {
      const response = await rpc.request(getPath("GetUserByUsername", query));
      expect([response.status, response.headers.get("Content-Type")]).toEqual([200, `application/${query.encoding}`]);
      expect(response.headers.get("Cache-Control")).toBe("no-store");
    }
  });

  test("is for methods without side effects only", async ({ expect }) => {
    const query = { connect: "v1", encoding: "json", message: "{}" };
    for (const method of ["GetUser", "GetUserByUsername", "ListUsers"]) {
      expect((await rpc.request(getPath(method, query))).status).not.toBe(405);
    }
    for (const method of ["CreateUser", "UpdateUser", "DeleteUser"]) {
      const response = await rpc.request(getPath(method, query));
      expect([response.status, response.headers.get("Allow")]).toEqual([405, "POST, OPTIONS"]);
    }
  });

  test("needs a codec that there is", async ({ expect }) => {
    const message = "{}";
    for (const query of [
      { connect: "v1", encoding: "xml", message },
      { connect: "v1", message },
    ]) {
      expect((await rpc.request(getPath("ListUsers", query))).status).toBe(415);
    }
  });

  test("is refused like a POST: what cannot be read, what is too large, what the API refuses", async ({ expect }) => {
    const ask = async (message: string) => {
      const response = await rpc.request(getPath("GetUser", { connect: "v1", encoding: "json", message }));
      return [response.status, (await readError(response)).code];
    };
    expect(await ask("{")).toEqual([400, "invalid_argument"]);
    expect(await ask(JSON.stringify({ id: "x".repeat(64 * 1024) }))).toEqual([429, "resource_exhausted"]);
    expect(await ask(JSON.stringify({ id: ABSENT }))).toEqual([404, "not_found"]);
  });
});

describe("an error", () => {
  test("is JSON, whatever the codec, with details in base64", async ({ expect }) => {
    const init = { method: "POST", headers: { "Content-Type": "application/proto" }, body: stringField(1, "no-uuid") };
    const response = await open().request(GET_USER, init);
    expect(response.status).toBe(400);
    const { code, message, details = [] } = await readError(response);
    expect([code, message]).toEqual(["invalid_argument", expect.stringMatching(/^id: /)]);
    expect(details.map(({ type }) => type)).toEqual(["google.rpc.ErrorInfo", "google.rpc.BadRequest"]);
    expect(details.map(({ value }) => value).join("")).toMatch(/^[A-Za-z0-9+/]+$/);
    expect(atob(details[0]?.value ?? "")).toContain("VALIDATION_FAILED");
    expect(atob(details[1]?.value ?? "")).toContain("INVALID_FORMAT");
  });
});

describe("a deadline", () => {
  test.for(["1", "50", "0"])("of %s ms ends the call", async (timeout, { expect }) => {
    const response = await slow().request(GET_USER, postJson({ id: ABSENT }, { "Connect-Timeout-Ms": timeout }));
    expect(response.status).toBe(504);
    expect(await readError(response)).toMatchObject({
      code: "deadline_exceeded",
      message: "The call's deadline is over.",
    });
  });

  test("says of a change that it may have been made", async ({ expect }) => {
    const response = await slow().request(CREATE_USER, postJson(USER, { "Connect-Timeout-Ms": "20" }));
    expect((await readError(response)).message).toBe(
      "The call's deadline is over. The change may have been made, or not.",
    );
  });

  test.for(["-1", "1.5", "abc", "12345678901", "10s"])("of %s is refused", async (timeout, { expect }) => {
    const response = await open().request(GET_USER, postJson({ id: ABSENT }, { "Connect-Timeout-Ms": timeout }));
    expect([response.status, (await readError(response)).code]).toEqual([400, "invalid_argument"]);
  });

  test("that is long enough changes nothing", async ({ expect }) => {
    const rpc = open();
    expect((await rpc.request(CREATE_USER, postJson(USER, { "Connect-Timeout-Ms": "9999999999" }))).status).toBe(200);
  });
});

describe("a fault", () => {
  test("of the API's Worker is unavailable for a reading, and unknown for a change", async ({ expect }) => {
    const faults = [
      answering(() => Promise.reject(new Error("secret"))),
      answering(() => new Response("<html>", { status: 502 })),
      answering(() => new Response(JSON.stringify({ type: "about:blank" }), { status: 500 })),
    ];
    for (const api of faults) {
      const rpc = createTestRpc(api);
      const reading = await rpc.request(GET_USER, postJson({ id: ABSENT }));
      expect([reading.status, (await readError(reading)).code]).toEqual([503, "unavailable"]);
      const change = await rpc.request(CREATE_USER, postJson(USER));
      expect(await readError(change)).toMatchObject({
        code: "unknown",
        message: expect.not.stringContaining("secret"),
      });
      expect(rpc.events.map(({ level, code, error }) => [level, code, typeof error])).toEqual([
        ["error", "unavailable", "object"],
        ["error", "unknown", "object"],
      ]);
    }
  });

  test("of an answer that breaks the contract is internal, and tells nothing of it", async ({ expect }) => {
    const rpc = createTestRpc(answering(() => new Response("", { status: 200 })));
    const response = await rpc.request(GET_USER, postJson({ id: ABSENT }));
    expect(await readError(response)).toEqual({ code: "internal", message: "internal error" });
    expect(rpc.events).toMatchObject([{ level: "error", code: "internal", error: { name: "Error" } }]);
  });
});
