import { format } from "@cfworker/json-schema";
import { describe, test } from "vitest";

import committed from "../../docs/openapi.json" with { type: "json" };
import { type CheckOptions, createResponseContract, responseContract } from "../support/response-contract.ts";

const text = { type: "string" };
const header = (name: string) => ({ [name]: { $ref: `#/components/headers/${name}` } });
const COMMON = header("X-Request-ID");

const problemResponse = (code: string) => ({
  headers: COMMON,
  content: {
    "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" }, examples: { [code]: {} } },
  },
});

/** A document with one of everything that the contract can tell apart. */
const DOCUMENT = {
  components: {
    headers: {
      "X-Request-ID": { required: true, schema: text },
      ETag: { required: true, schema: { type: "string", pattern: '^"[a-z]+"$' } },
      "Retry-After": { required: false, schema: { type: "integer", minimum: 1 } },
    },
    schemas: {
      Problem: {
        type: "object",
        properties: {
          type: { type: "string", format: "uri-reference" },
          status: { type: "integer" },
          request_id: text,
        },
        required: ["type", "status", "request_id"],
      },
      Thing: {
        type: "object",
        properties: {
          id: { type: "string", format: "uuid" },
          email: { type: "string", format: "email" },
          at: { type: "string", format: "date-time" },
          name: { type: "string", pattern: "^\\p{L}+$", maxLength: 5 },
          kind: { enum: ["big", "small"] },
          parts: { type: "array", items: { type: "object", properties: { size: { type: "integer" } } } },
          next: { type: ["string", "null"] },
        },
        required: ["id"],
      },
    },
  },
  paths: {
    "/things/{id}": {
      get: {
        operationId: "getThing",
        responses: {
          200: {
            headers: { ...COMMON, ...header("ETag") },
            content: {
              "application/json": { schema: { $ref: "#/components/schemas/Thing" } },
              "text/plain": { schema: text },
            },
          },
          304: { headers: { ...COMMON, ...header("ETag") } },
          404: problemResponse("thing-not-found"),
          503: { ...problemResponse("down"), headers: { ...COMMON, ...header("Retry-After") } },
        },
      },
      delete: { operationId: "deleteThing", responses: { 204: { headers: COMMON } } },
    },
    "/things/mine": { get: { operationId: "getMine", responses: { 204: { headers: COMMON } } } },
  },
};

const ID = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";
const PROSE = {
  "X-Request-ID": "r",
  "Strict-Transport-Security": "max-age=1",
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'none'",
  "Referrer-Policy": "no-referrer",
};
const JSON_TYPE = { "Content-Type": "application/json" };
const TAG = { ETag: '"a"' };

interface Answer {
  readonly method?: string;
  readonly path?: string;
  readonly status?: number;
  readonly headers?: Record<string, string | null>;
  readonly body?: unknown;
}

const contract = createResponseContract(DOCUMENT);

/** What the contract has to say about an answer: its message, or null when it agrees. */
async function judge(answer: Answer, options?: CheckOptions): Promise<string | null> {
  const { method = "GET", path = `/things/${ID}`, status = 200, headers = {}, body = "" } = answer;
  const given = Object.entries({ ...PROSE, ...headers }).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] satisfies [string, string]],
  );
  const payload = typeof body === "string" ? body : JSON.stringify(body);
  // No `Response`: its constructor refuses a body with 204 and 304, which a server can very well send.
  const response = { status, headers: new Headers(given), clone: () => new Response(payload) };
  try {
    await contract.check({ method, url: `https://things.test${path}`, response }, options);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const thing = (body: Record<string, unknown> = {}, headers: Answer["headers"] = {}): Answer => ({
  headers: { ...JSON_TYPE, ...TAG, ...headers },
  body: { id: ID, ...body },
});
const empty = (status: number, answer: Answer = {}): Answer => ({ status, ...answer });
const problem = (status: number, code: string, answer: Answer = {}, body: Record<string, unknown> = {}): Answer => ({
  status,
  ...answer,
  headers: { "Content-Type": "application/problem+json", ...answer.headers },
  body: { type: `/problems/${code}`, status, request_id: "r", ...body },
});
const ALLOW = { Allow: "DELETE, GET, HEAD, OPTIONS" };

describe("the contract accepts", () => {
  const RIGHT: readonly (readonly [string, Answer])[] = [
    ["the smallest body", thing()],
    [
      "every member",
      thing({
        email: "a@b.example",
        at: "2026-01-31T12:00:00Z",
        name: "Ünal",
        kind: "big",
        next: null,
        parts: [{ size: 1 }],
      }),
    ],
    [
      "another documented media type, with a parameter",
      { headers: { "Content-Type": "text/plain; charset=utf-8", ...TAG }, body: "x" },
    ],
    ["304 without a body", empty(304, { headers: TAG })],
    ["204 without a body", empty(204, { method: "DELETE" })],
    ["a documented problem", problem(404, "thing-not-found")],
    ["an optional header that obeys its schema", problem(503, "down", { headers: { "Retry-After": "5" } })],
    ["an optional header that is absent", problem(503, "down")],
    ["HEAD as GET without its body", { method: "HEAD", headers: { ...JSON_TYPE, ...TAG } }],
    ["OPTIONS with Allow", empty(204, { method: "OPTIONS", headers: ALLOW })],
    ["405 with Allow", problem(405, "method-not-allowed", { method: "PUT", headers: ALLOW })],
    ["404 for an unknown path", problem(404, "route-not-found", { path: "/nowhere" })],
    ["a fixed segment before a parameter", empty(204, { path: "/things/mine" })],
    ["an encoded path", { ...thing(), path: `/%74hings/${ID}` }],
    ["a fault of the service anywhere", problem(500, "internal-error", { path: "/nowhere" })],
  ];

  test.for(RIGHT)("%s", async ([, answer], { expect }) => {
    expect(await judge(answer)).toBeNull();
  });
});

describe("the contract refuses", () => {
  const WRONG: readonly (readonly [string, Answer, string])[] = [
    ["an undocumented status", empty(418, { headers: TAG }), "status is not documented; there are 200, 304, 404, 503"],
    ["an undocumented member", thing({ secret: 1 }), "body/secret is not documented"],
    ["an undocumented member deep down", thing({ parts: [{ size: 1, weight: 2 }] }), "body/parts/0/weight "],
    [
      "a missing member",
      { headers: { ...JSON_TYPE, ...TAG }, body: {} },
      'body Instance does not have required property "id"',
    ],
    ["a wrong type", thing({ parts: [{ size: "1" }] }), "body/parts/0/size "],
    ["null where none is allowed", thing({ name: null }), "body/name "],
    ["a value outside an enum", thing({ kind: "medium" }), "body/kind "],
    ["a text that is too long", thing({ name: "toolong" }), "body/name "],
    ["a pattern that does not match", thing({ name: "R2" }), "body/name "],
    ["what is no UUID", thing({ id: "7" }), "body/id "],
    ["what is no email address", thing({ email: "a@" }), "body/email "],
    ["what is no time", thing({ at: "yesterday" }), "body/at "],
    ["what is no reference", problem(404, "thing-not-found", {}, { type: "not a uri" }), "body/type "],
    ["what is no JSON", { headers: { ...JSON_TYPE, ...TAG }, body: "{" }, "body is not JSON"],
    ["a missing header", thing({}, { ETag: null }), "header ETag is missing"],
    [
      "a missing header that every response has",
      empty(204, { method: "DELETE", headers: { "X-Request-ID": null } }),
      "header X-Request-ID is missing",
    ],
    [
      "a missing header that only the prose demands",
      thing({}, { "Referrer-Policy": null }),
      "header Referrer-Policy is missing",
    ],
    ["a header against its schema", thing({}, { ETag: "W/a" }), "header ETag String does not match pattern"],
    [
      "a number against its schema",
      problem(503, "down", { headers: { "Retry-After": "0" } }),
      "header Retry-After 0 is less than 1",
    ],
    [
      "a header that should be a number",
      problem(503, "down", { headers: { "Retry-After": "soon" } }),
      'header Retry-After Instance type "string" is invalid',
    ],
    [
      "a header that belongs to other responses",
      thing({}, { "Retry-After": "5" }),
      "header Retry-After is documented for other responses",
    ],
    [
      "an undocumented media type",
      { headers: { "Content-Type": "text/html", ...TAG }, body: "x" },
      "header Content-Type is text/html; documented: application/json, text/plain",
    ],
    ["a missing media type", { headers: TAG, body: "x" }, "header Content-Type is missing"],
    ["a body with 204", empty(204, { method: "DELETE", body: "x" }), "body is there, but none is documented"],
    ["a body with 304", empty(304, { headers: TAG, body: "x" }), "body is there, but none is documented"],
    [
      "a media type with 204",
      empty(204, { method: "DELETE", headers: JSON_TYPE }),
      "header Content-Type is there, but no body is documented",
    ],
    ["a body with HEAD", { ...thing(), method: "HEAD" }, "body is there in an answer to HEAD"],
    [
      "a problem of another status",
      problem(404, "thing-not-found", {}, { status: 400 }),
      "body/status is 400, but the response is 404",
    ],
    [
      "a problem of another request",
      problem(404, "thing-not-found", {}, { request_id: "s" }),
      "body/request_id differs from X-Request-ID",
    ],
    [
      "a problem type of other operations",
      problem(404, "user-not-found"),
      "body/type is /problems/user-not-found; documented: /problems/thing-not-found",
    ],
    ["success on an unknown path", { ...thing(), path: "/nowhere" }, "status an unknown path is 404"],
    ["a trailing slash", { ...thing(), path: `/things/${ID}/` }, "status an unknown path is 404"],
    [
      "success with a wrong method",
      { ...thing(), method: "PUT" },
      "status a method that the path does not have is 405",
    ],
    ["405 without Allow", problem(405, "method-not-allowed", { method: "PUT" }), "header Allow is missing"],
    [
      "405 with another Allow",
      problem(405, "method-not-allowed", { method: "PUT", headers: { Allow: "GET" } }),
      "header Allow is GET, not DELETE, GET, HEAD, OPTIONS",
    ],
    ["405 of another type", problem(405, "teapot", { method: "PUT", headers: ALLOW }), "body/type is /problems/teapot"],
    ["OPTIONS without Allow", empty(204, { method: "OPTIONS" }), "header Allow is missing"],
    ["OPTIONS with 200", empty(200, { method: "OPTIONS", headers: ALLOW }), "status OPTIONS on a known path is 204"],
  ];

  test.for(WRONG)("%s", async ([, answer, reason], { expect }) => {
    const message = await judge(answer);
    expect(message).toContain(` answered ${answer.status ?? 200}, against docs/openapi.json:`);
    expect(message).toContain(`  ${reason}`);
  });
});

test("the contract names the operation", async ({ expect }) => {
  expect(await judge(thing({ secret: 1 }))).toMatch(/^GET \/things\/\{id\} \(getThing\) answered 200, /);
});

test("the contract leaves the content of a body alone where it is told to, and nothing else", async ({ expect }) => {
  const options = { ignoreContent: "the file is a fake" };
  expect(await judge({ ...thing(), body: "fake" }, options)).toBeNull();
  expect(await judge({ ...thing({}, { ETag: null }), body: "fake" }, options)).toContain("header ETag is missing");
});

test("the contract leaves the body for the test to read", async ({ expect }) => {
  const body = JSON.stringify({ id: ID });
  const response = new Response(body, { headers: { ...PROSE, ...JSON_TYPE, ...TAG } });
  await contract.check({ method: "get", url: `https://things.test/things/${ID}`, response });
  expect(await response.text()).toBe(body);
});

test("a schema made of several admits their members together, and no other", async ({ expect }) => {
  const part = (name: string) => ({ type: "object", properties: { [name]: text } });
  const schema = { allOf: [part("a"), part("b")] };
  const responses = { 200: { content: { "application/json": { schema } } } };
  const { check } = createResponseContract({ paths: { "/": { get: { responses } } } });
  const ask = (body: unknown) =>
    check({ method: "GET", url: "https://things.test/", response: Response.json(body, { headers: PROSE }) });
  await ask({ a: "1", b: "2" });
  await expect(ask({ a: "1", c: "3" })).rejects.toThrow("body/c ");
});

test("the committed document is the one that is checked, and its formats are all enforced", async ({ expect }) => {
  const response = Response.json({ status: "fine" }, { headers: PROSE });
  await expect(responseContract.check({ method: "GET", url: "https://users.test/health", response })).rejects.toThrow(
    /^GET \/health \(getHealth\) answered 200/,
  );
  const used = [...JSON.stringify(committed).matchAll(/"format":"([^"]+)"/g)].map(([, name]) => name ?? "");
  const notForAnswers = ["int32", "int64", "idn-email"];
  expect(used.length).toBeGreaterThan(0);
  expect(used.filter((name) => !notForAnswers.includes(name) && !Object.hasOwn(format, name))).toEqual([]);
  expect(JSON.stringify(committed.components.schemas.User)).toMatch(/"format":"email"/);
});
