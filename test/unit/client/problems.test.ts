import { readFileSync } from "node:fs";

import { describe, test } from "vitest";

import { isProblem, PROBLEM_CODES, UsersApiError, UsersNetworkError } from "../../../client/src/index.ts";
import { PROBLEM_TYPES } from "../../../src/http/problem-registry.ts";
import { generateFiles, problemCodesOf } from "../../../tools/client/generate.ts";
import { fakeService, problemAnswer, type Reply, TRACE_ID, USER } from "./fake-service.ts";

const HEADERS = { "X-Request-ID": "edge-1", traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01` };

async function errorOf(reply: Reply): Promise<unknown> {
  const { client } = fakeService([reply], { retry: false });
  return await client.getUser(USER.id).catch((reason: unknown) => reason);
}

describe("An error of the API", () => {
  test("tells its problem in types", async ({ expect }) => {
    const errors = [{ parameter: "id", code: "invalid_format", detail: "Give a UUID." }];
    const error = await errorOf(() => problemAnswer(400, "validation-failed", {}, { errors }));
    expect(error).toBeInstanceOf(UsersApiError);
    expect(error).toMatchObject({
      name: "UsersApiError",
      message: "400 Title: Detail.",
      status: 400,
      code: "validation-failed",
      requestId: "r1",
      traceId: TRACE_ID,
      errors,
      retryAfterMs: null,
      attempts: 1,
      problem: { type: "/problems/validation-failed", instance: "/" },
    });
  });

  test.for(PROBLEM_CODES)("has the code %s", async (code, { expect }) => {
    const error = await errorOf(() => problemAnswer(400, code));
    expect(isProblem(error, code)).toBe(true);
    expect(PROBLEM_TYPES).toHaveProperty(code);
  });

  test("has its code from an absolute type as well", async ({ expect }) => {
    const type = "https://users.test/problems/user-not-found";
    expect(await errorOf(() => problemAnswer(404, "", {}, { type }))).toMatchObject({ code: "user-not-found" });
  });

  test("of a kind that this client does not know has a problem but no code", async ({ expect }) => {
    const error = await errorOf(() => problemAnswer(418, "teapot"));
    expect(error).toMatchObject({ code: null, status: 418, problem: { type: "/problems/teapot" } });
    expect(isProblem(error)).toBe(false);
  });

  test.for([
    ["HTML", 502, "<html><h1>Bad gateway</h1></html>"],
    ["nothing", 503, ""],
    ["other JSON", 403, '{"error":"blocked"}'],
    ["a JSON string", 500, '"oops"'],
    ["a problem without its members", 500, '{"type":"/problems/internal-error","title":"Internal error"}'],
    [
      "a problem whose errors are no list",
      400,
      '{"type":"/problems/a","title":"A","status":400,"detail":"A.","instance":"/","request_id":"r","errors":"b"}',
    ],
    ["a success in HTML", 200, "<html>Log in to this network</html>"],
  ] as const)("without a problem keeps what there is: %s", async ([, status, body], { expect }) => {
    const error = await errorOf(() => new Response(body, { status, headers: HEADERS }));
    expect(error).toBeInstanceOf(UsersApiError);
    expect(error).toMatchObject({
      status,
      code: null,
      problem: null,
      errors: [],
      requestId: "edge-1",
      traceId: TRACE_ID,
    });
  });
});

describe("isProblem", () => {
  test("tells the named problems from others", async ({ expect }) => {
    const error = await errorOf(() => problemAnswer(409, "email-taken"));
    expect(isProblem(error)).toBe(true);
    expect(isProblem(error, "email-taken")).toBe(true);
    expect(isProblem(error, "username-taken", "email-taken")).toBe(true);
    expect(isProblem(error, "username-taken")).toBe(false);
  });

  test.for([undefined, null, "email-taken", new Error("email-taken"), { code: "email-taken" }])(
    "says no to %s",
    (error, { expect }) => {
      expect(isProblem(error)).toBe(false);
      expect(isProblem(new UsersNetworkError("gone", { cause: error, attempts: 1 }))).toBe(false);
    },
  );
});

describe("The generated files", () => {
  test("are up to date with docs/openapi.json", async ({ expect }) => {
    for (const { path, text } of await generateFiles()) expect(readFileSync(path, "utf8") === text, path).toBe(true);
  });

  test("need a document with examples of problems", ({ expect }) => {
    const user = { type: "person" };
    expect(() => problemCodesOf(JSON.stringify({ components: { examples: { user: { value: user } } } }))).toThrow(
      "no example",
    );
    expect(() => problemCodesOf("{}")).toThrow("no example");
  });

  test("name all problems but that of a method that the client never uses", ({ expect }) => {
    const missing = Object.keys(PROBLEM_TYPES).filter((code) => !PROBLEM_CODES.some((known) => known === code));
    expect(missing).toEqual(["method-not-allowed"]);
  });
});
