import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { describe, test } from "vitest";

import type { AppEnv } from "../../src/http/context.ts";
import { addOperation } from "../../src/http/operation.ts";
import { handleError } from "../../src/http/problem.ts";
import { NO_CONTENT, respond } from "../../src/http/respond.ts";
import { listQuery } from "../../src/http/users/list-query.ts";
import { createUserSchema, userIdParams, updateUserSchema, usernameParams } from "../../src/http/users/schemas.ts";
import { noQuery } from "../../src/http/validation.ts";
import { createTestScope } from "../support/test-scope.ts";

const problemSchema = z.object({
  type: z.string(),
  errors: z.array(
    z.strictObject({
      pointer: z.string().optional(),
      parameter: z.string().optional(),
      code: z.string(),
      detail: z.string(),
    }),
  ),
});

type Request = NonNullable<Parameters<typeof createRoute>[0]["request"]>;

interface Target {
  /** Template of the operation's path. */
  readonly path?: string;
  readonly url?: string;
  readonly body?: string;
}

/** Sends one request to an operation with this contract; gives the reported errors, none when it was accepted. */
async function errorsFor(request: Request, target: Target) {
  const app = new OpenAPIHono<AppEnv>();
  app.onError(handleError);
  const method = target.body === undefined ? "get" : "post";
  const path = target.path ?? "/";
  const route = createRoute({ method, path, request, responses: { 200: { description: "Accepted." } } });
  addOperation(app, route, (c) => respond(c, 200, null, NO_CONTENT));
  const sent = new globalThis.Request(`https://users.test${target.url ?? "/"}`, { method });
  const scope = createTestScope(sent);
  scope.body = target.body ?? "";
  const response = await app.fetch(sent, scope);
  if (response.status === 200) return [];
  return problemSchema.parse(await response.json()).errors;
}

const bodyOf = (schema: z.ZodType): Request => ({
  body: { required: true, content: { "application/json": { schema } } },
});
const errorsInBody = (schema: z.ZodType, body: string) => errorsFor(bodyOf(schema), { body });
const errorsInNewUser = (body: string) => errorsInBody(createUserSchema, body);
const errorsInQuery = (url: string) => errorsFor({ query: listQuery }, { url });

const VALID = { username: "adalovelace", email: "ada@example.com", full_name: "Ada Lovelace" };

describe("a body", () => {
  test("of the right shape is accepted", async ({ expect }) => {
    expect(await errorsInNewUser(JSON.stringify(VALID))).toEqual([]);
  });

  test("without its fields is told all that are required", async ({ expect }) => {
    const error = (pointer: string) => ({ pointer, code: "required", detail: "This is required." });
    expect(await errorsInNewUser("{}")).toEqual([error("/username"), error("/email"), error("/full_name")]);
  });

  test.for(["5", "true", "null", '["a"]', '{"a":1}'])(
    "with %s for a text is told the type it must have",
    async (value, { expect }) => {
      const body = `{"username":${value},"email":"ada@example.com","full_name":"Ada"}`;
      expect(await errorsInNewUser(body)).toEqual([
        { pointer: "/username", code: "invalid_type", detail: "Expected string." },
      ]);
    },
  );

  test.for(["5", "true", "null", '["a"]', '"text"'])(
    "that is %s instead of an object is refused as a whole",
    async (body, { expect }) => {
      expect(await errorsInNewUser(body)).toEqual([{ pointer: "", code: "invalid_type", detail: "Expected object." }]);
    },
  );

  test("that patches a field to null is told the type, not that it is required: a patch requires nothing", async ({
    expect,
  }) => {
    expect(await errorsInBody(updateUserSchema, '{"full_name":null}')).toEqual([
      { pointer: "/full_name", code: "invalid_type", detail: "Expected string." },
    ]);
    expect(await errorsInBody(updateUserSchema, "{}")).toEqual([]);
  });

  test.for([
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "id",
    "version",
    "created_at",
    "Username",
    "",
  ])("with the unknown field %j is refused by name, for creation and for change", async (key, { expect }) => {
    const error = { pointer: `/${key}`, code: "unknown", detail: "This field is not known; remove it." };
    for (const value of ['"x"', "null", '{"username":"mallory"}']) {
      const fields = `${JSON.stringify(key)}:${value}`;
      expect(await errorsInNewUser(`${JSON.stringify(VALID).slice(0, -1)},${fields}}`)).toEqual([error]);
      expect(await errorsInBody(updateUserSchema, `{${fields}}`)).toEqual([error]);
    }
  });

  test("never pollutes the prototype of other objects", async ({ expect }) => {
    await errorsInNewUser('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    expect("polluted" in {}).toBe(false);
  });

  test.for([
    ["a/b", "/a~1b"],
    ["m~n", "/m~0n"],
    ["~1", "/~01"],
    ["/", "/~1"],
    ["~/~", "/~0~1~0"],
    ["", "/"],
    [" ", "/ "],
    ['"\\', '/"\\'],
    ["\u00e9\u{1F600}", "/\u00e9\u{1F600}"],
  ])("with the field %j is pointed to by %j (RFC 6901)", async ([key = "", pointer], { expect }) => {
    const errors = await errorsInBody(updateUserSchema, JSON.stringify({ [key]: 1 }));
    expect(errors).toMatchObject([{ pointer, code: "unknown" }]);
  });

  test("that repeats a nested field is pointed into, through lists and objects, past values that were replaced", async ({
    expect,
  }) => {
    const nested = z.strictObject({ "a/b": z.array(z.strictObject({ "m~n": z.string() })) });
    const repeated = (pointer: string) => ({ pointer, code: "repeated", detail: "Give this field once." });
    expect(await errorsInBody(nested, '{"a/b":[{"m~n":"x"},{"m~n":"x","m~n":"y"}]}')).toEqual([
      repeated("/a~1b/1/m~0n"),
    ]);
    expect(await errorsInBody(nested, '{"a/b":[{"m~n":"x","m~n":"y"}],"a/b":[]}')).toEqual([
      repeated("/a~1b/0/m~0n"),
      repeated("/a~1b"),
    ]);
  });

  test("with nested findings is pointed into, through lists and objects", async ({ expect }) => {
    const nested = z.strictObject({ "a/b": z.array(z.strictObject({ "m~n": z.string() })) });
    expect(await errorsInBody(nested, '{"a/b":[{"m~n":"x"},{}]}')).toEqual([
      { pointer: "/a~1b/1/m~0n", code: "required", detail: "This is required." },
    ]);
    expect(await errorsInBody(nested, '{"a/b":[{"m~n":"x","c/d":1}]}')).toMatchObject([{ pointer: "/a~1b/0/c~1d" }]);
  });

  test("with thousands of unknown fields is told the first twenty", async ({ expect }) => {
    const fields = Object.fromEntries(Array.from({ length: 5_000 }, (_, place) => [`x${place}`, 1]));
    const errors = await errorsInBody(updateUserSchema, JSON.stringify(fields));
    expect(errors.map(({ pointer }) => pointer)).toEqual(Array.from({ length: 20 }, (_, place) => `/x${place}`));
  });

  test("with a field name of kilobytes has it cut short, never into half a character", async ({ expect }) => {
    const [plain] = await errorsInBody(updateUserSchema, JSON.stringify({ ["k".repeat(50_000)]: 1 }));
    expect(plain?.pointer).toBe(`/${"k".repeat(100)}…`);
    const [exact] = await errorsInBody(updateUserSchema, JSON.stringify({ ["k".repeat(100)]: 1 }));
    expect(exact?.pointer).toBe(`/${"k".repeat(100)}`);
    const [astral] = await errorsInBody(updateUserSchema, JSON.stringify({ [`k${"\u{1F600}".repeat(100)}`]: 1 }));
    expect(astral?.pointer?.isWellFormed()).toBe(true);
    const [lone] = await errorsInBody(updateUserSchema, '{"\\ud800":1}');
    expect(lone?.pointer).toBe("/\ufffd");
  });

  test("never has its values repeated", async ({ expect }) => {
    const body = '{"username":["zq7"],"email":{"zq7":"zq7"},"full_name":7777,"other":"zq7"}';
    const errors = await errorsInNewUser(body);
    expect(errors).toHaveLength(4);
    expect(JSON.stringify(errors)).not.toMatch(/zq7|7777/);
  });
});

describe("query parameters", () => {
  test.for(["/", "/?limit=1", "/?limit=100", "/?limit=007", "/?cursor=abc&limit=20"])(
    "like %s are accepted",
    async (url, { expect }) => {
      expect(await errorsInQuery(url)).toEqual([]);
    },
  );

  test.for([
    ["limit", "/?limit=1&limit=2"],
    ["limit", "/?limit=1&limit=1"],
    ["cursor", "/?cursor=a&cursor=b&cursor=c"],
  ])("that repeat %s (%s) are refused as repeated", async ([parameter, url = ""], { expect }) => {
    expect(await errorsInQuery(url)).toEqual([{ parameter, code: "repeated", detail: "Give this parameter once." }]);
  });

  test.for(["__proto__", "constructor", "toString", "limit[]", "Limit", "offset", "a.b", "a/b", "\u00e9"])(
    "with the unknown name %j are refused by that name, also when repeated",
    async (name, { expect }) => {
      const error = { parameter: name, code: "unknown", detail: "This parameter is not known; remove it." };
      const pair = `${encodeURIComponent(name)}=1`;
      expect(await errorsInQuery(`/?${pair}`)).toEqual([error]);
      expect(await errorsInQuery(`/?${pair}&${pair}&limit=5`)).toEqual([error]);
      expect(await errorsFor({ query: noQuery }, { url: `/?${pair}` })).toEqual([error]);
    },
  );

  test.for([
    ["", "invalid_format"],
    ["abc", "invalid_format"],
    ["-1", "invalid_format"],
    ["%2B5", "invalid_format"],
    ["1.5", "invalid_format"],
    ["1e2", "invalid_format"],
    ["0x10", "invalid_format"],
    ["%205", "invalid_format"],
    ["5%00", "invalid_format"],
    ["%D9%A5", "invalid_format"],
    ["1000000000000", "invalid_format"],
    ["0", "out_of_range"],
    ["101", "out_of_range"],
    ["999999999", "out_of_range"],
  ])("with a limit of %j are refused as %s", async ([limit, code], { expect }) => {
    expect(await errorsInQuery(`/?limit=${limit}`)).toEqual([
      { parameter: "limit", code, detail: "Give a whole number from 1 to 100." },
    ]);
  });
});

describe("path parameters", () => {
  const ID = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";
  const errorsInId = (id: string) => errorsFor({ params: userIdParams }, { path: "/{id}", url: `/${id}` });

  test.for([ID, ID.toUpperCase(), "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"])(
    "accept the id %s, whatever its case, version and variant",
    async (id, { expect }) => {
      expect(await errorsInId(id)).toEqual([]);
      expect(userIdParams.parse({ id })).toEqual({ id: id.toLowerCase() });
    },
  );

  test.for([
    "x",
    "1",
    ID.slice(1),
    `${ID}0`,
    `{${ID}}`,
    ID.replaceAll("-", ""),
    ID.replace("0", "g"),
    `${ID}%0A`,
    `${ID}%00`,
  ])("refuse the id %s by name", async (id, { expect }) => {
    expect(await errorsInId(id)).toEqual([
      { parameter: "id", code: "invalid_format", detail: "Give a UUID: 8-4-4-4-12 hexadecimal digits." },
    ]);
  });

  test.for([
    ["ab", "too_short", "Give at least 3 characters."],
    ["a".repeat(51), "too_long", "Give at most 50 characters."],
    ["a%20b%20c", "invalid_format", "Use only the letters A to Z and digits."],
    ["jos%C3%A9", "invalid_format", "Use only the letters A to Z and digits."],
    ["abc%00", "invalid_format", "Use only the letters A to Z and digits."],
    ["abc%0A", "invalid_format", "Use only the letters A to Z and digits."],
  ])("refuse the username %s with the same code as a body does: %s", async ([username, code, detail], { expect }) => {
    const errors = await errorsFor({ params: usernameParams }, { path: "/{username}", url: `/${username}` });
    expect(errors).toEqual([{ parameter: "username", code, detail }]);
  });

  test.for(["abc", "JDoe42", "a".repeat(50)])("accept the username %s", async (username, { expect }) => {
    expect(await errorsFor({ params: usernameParams }, { path: "/{username}", url: `/${username}` })).toEqual([]);
  });
});
