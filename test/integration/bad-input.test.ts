import { request as httpRequest } from "node:http";

import { afterAll, beforeAll, describe, test } from "vitest";

import { startStack, type Stack } from "../support/stack.ts";

let stack: Stack;
let sql: Stack["sql"];

beforeAll(async () => {
  stack = await startStack();
  ({ sql } = stack);
  await stack.sendJson("/api/v1/users", { username: "victim", email: "victim@example.com", full_name: "Victim" });
});

afterAll(async () => {
  await stack.stop();
});

interface RawRequest {
  readonly method?: string;
  /** Sent as it is: no client tidies it up. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

interface RawAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const USERS = "/api/v1/users";
const JSON_TYPE = { "Content-Type": "application/json" };

function send({ method = "POST", path = USERS, headers = JSON_TYPE, body }: RawRequest): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const { hostname, port } = stack.url;
  const outgoing = httpRequest({ hostname, port, method, path, headers, agent: false }, (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", reject);
    response.on("end", () => {
      const contentType = response.headers["content-type"] ?? "";
      resolve({ status: response.statusCode ?? 0, contentType, body: Buffer.concat(chunks).toString() });
    });
  });
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
}

/** Everything stored, so that a test can see that nothing was added or changed. */
async function contents(): Promise<unknown[]> {
  const { rows } = await sql.query("select * from users order by id");
  return rows;
}

const valid = { username: "newcomer", email: "newcomer@example.com", full_name: "New Comer" };
const withField = (change: object): string => JSON.stringify({ ...valid, ...change });
const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part))));

const BAD_BODIES: Readonly<Record<string, string | Uint8Array>> = {
  "no body": "",
  "blank body": " \n\t",
  "cut JSON": '{"username":"newco',
  "trailing comma": '{"username":"newcomer",}',
  "two documents": `${withField({})}${withField({})}`,
  "a comment": `/* hi */${withField({})}`,
  NaN: "NaN",
  null: "null",
  "a string": '"newcomer"',
  "an array": `[${withField({})}]`,
  "an empty object": "{}",
  "a number as name": withField({ username: 12345 }),
  "an object as email": withField({ email: { $ne: null } }),
  "an array as name": withField({ full_name: ["New", "Comer"] }),
  "null as email": withField({ email: null }),
  "a missing field": JSON.stringify({ username: "newcomer", email: "newcomer@example.com" }),
  "an unknown field": withField({ is_admin: true }),
  "an id of the client's choice": withField({ id: "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10" }),
  "a __proto__ field": `{"__proto__":{"is_admin":true},${withField({}).slice(1)}`,
  "a constructor field": withField({ constructor: { prototype: {} } }),
  "an escaped NUL in a name": withField({ full_name: "New\u0000Comer" }),
  "an escaped NUL in a username": withField({ username: "new\u0000comer" }),
  "a raw NUL": bytes('{"username":"new', [0], 'comer","email":"n@example.com","full_name":"N"}'),
  "a lone surrogate": '{"username":"newcomer","email":"n@example.com","full_name":"New\\ud800Comer"}',
  "a reversed surrogate pair": '{"username":"newcomer","email":"n@example.com","full_name":"\\udc00\\ud800"}',
  "invalid UTF-8 in a value": bytes(
    '{"username":"newcomer","email":"n@example.com","full_name":"N',
    [0xc3, 0x28],
    '"}',
  ),
  "overlong UTF-8": bytes('{"username":"newcomer","email":"n@example.com","full_name":"', [0xc0, 0x80], '"}'),
  "UTF-16": Buffer.from(withField({}), "utf16le"),
  "10,000 characters of username": withField({ username: "a".repeat(10_000) }),
  "10,000 characters of name": withField({ full_name: "é".repeat(10_000) }),
  "10,000 characters of email": withField({ email: `${"a".repeat(10_000)}@example.com` }),
  "10,000 combining marks": withField({ full_name: `a${"\u0301".repeat(10_000)}` }),
  "deep nesting": `{"username":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
  "deep nesting without end": "[".repeat(60_000),
  "thousands of unknown fields": JSON.stringify(
    Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`field${i}`, i])),
  ),
  "SQL in a username": withField({ username: "x'; drop table users; --" }),
  "markup in a name": withField({ full_name: "<script>alert(1)</script>" }),
  "a newline in an email": withField({ email: "new@example.com\r\nBcc: all@example.com" }),
  "a huge number": '{"username":1e400,"email":"n@example.com","full_name":"N"}',
};

describe("A hostile body gets a 400 problem and stores nothing", () => {
  test.for(Object.entries(BAD_BODIES))("%s", async ([, body], { expect }) => {
    const before = await contents();
    const answer = await send({ body });
    expect(answer).toMatchObject({ status: 400, contentType: "application/problem+json" });
    expect(JSON.parse(answer.body)).toMatchObject({ status: 400, request_id: expect.any(String) });
    expect(answer.body.length).toBeLessThan(20_000);
    expect(await contents()).toEqual(before);
  });

  test("as a patch too", async ({ expect }) => {
    const before = await contents();
    const { rows } = await sql.query<{ id: string }>("select id from users");
    const patches = Object.entries(BAD_BODIES).filter(
      ([name]) => name !== "an empty object" && name !== "a missing field",
    );
    for (const [name, body] of patches) {
      const { status } = await send({ method: "PATCH", path: `${USERS}/id/${rows[0]?.id}`, body });
      expect({ name, status }).toEqual({ name, status: 400 });
    }
    expect(await contents()).toEqual(before);
  });
});

describe("A body that is too large or of another kind is refused unread", () => {
  const large = withField({ full_name: "a".repeat(70_000) });

  test.for<[string, number, RawRequest]>([
    ["declared size over 64 KiB", 413, { body: large }],
    ["chunked, size over 64 KiB", 413, { headers: { ...JSON_TYPE, "Transfer-Encoding": "chunked" }, body: large }],
    ["ten megabytes", 413, { body: "a".repeat(10_000_000) }],
    [
      "ten megabytes, chunked",
      413,
      { headers: { ...JSON_TYPE, "Transfer-Encoding": "chunked" }, body: "a".repeat(10_000_000) },
    ],
    ["no media type", 415, { headers: {}, body: withField({}) }],
    ["a form", 415, { headers: { "Content-Type": "application/x-www-form-urlencoded" }, body: "username=newcomer" }],
    ["plain text", 415, { headers: { "Content-Type": "text/plain" }, body: withField({}) }],
    [
      "another charset",
      415,
      { headers: { "Content-Type": "application/json; charset=iso-8859-1" }, body: withField({}) },
    ],
    [
      "a media type that only starts like JSON",
      415,
      { headers: { "Content-Type": "application/jsonp" }, body: withField({}) },
    ],
  ])("%s: %i", async ([, status, request], { expect }) => {
    const before = await contents();
    const answer = await send(request);
    expect(answer).toMatchObject({ status, contentType: "application/problem+json" });
    expect(await contents()).toEqual(before);
  });
});

describe("A hostile path or query gets a 4xx problem", () => {
  test.for([
    [`${USERS}/id/1`, 400],
    [`${USERS}/id/00000000-0000-0000-0000-00000000000g`, 400],
    [`${USERS}/id/%00`, 400],
    [`${USERS}/id/' or 1=1--`.replaceAll(" ", "%20"), 400],
    [`${USERS}/id/${"a".repeat(8_000)}`, 400],
    [`${USERS}/id/`, 404],
    [`${USERS}/id/../../../etc/passwd`, 404],
    [`${USERS}/id/%2e%2e%2f%2e%2e%2fetc%2fpasswd`, 400],
    [`${USERS}/username/%`, 400],
    [`${USERS}/username/%E0%A4%A`, 400],
    [`${USERS}/username/%ff`, 400],
    [`${USERS}/username/a%00b`, 400],
    [`${USERS}/username/a%20b`, 400],
    [`${USERS}/username/ab`, 400],
    [`${USERS}/username/%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80`, 400],
    [`${USERS}/`, 404],
    ["/api/v1//users", 404],
    ["/api/v1/users%2fid", 404],
    ["/api/v2/users", 404],
    ["//evil.example/api/v1/users", 404],
    [`${USERS}?limit=0`, 400],
    [`${USERS}?limit=-1`, 400],
    [`${USERS}?limit=101`, 400],
    [`${USERS}?limit=1e1`, 400],
    [`${USERS}?limit=%D9%A1`, 400],
    [`${USERS}?limit=${"9".repeat(400)}`, 400],
    [`${USERS}?limit=`, 400],
    [`${USERS}?limit=1&limit=2`, 400],
    [`${USERS}?limit[]=1`, 400],
    [`${USERS}?unknown=1`, 400],
    [`${USERS}?__proto__=1`, 400],
    [`${USERS}?cursor=`, 400],
    [`${USERS}?cursor=%00`, 400],
    [`${USERS}?cursor=${"A".repeat(5_000)}`, 400],
    [`${USERS}?cursor=eyJpZCI6MX0`, 400],
    [`${USERS}?%`, 400],
    [`${USERS}?%ff=%ff`, 400],
    [`${USERS}/username/victim?x=1`, 400],
  ] as const)("%s: %i", async ([path, status], { expect }) => {
    const answer = await send({ method: "GET", path, headers: {} });
    expect({ path, status: answer.status, contentType: answer.contentType }).toEqual({
      path,
      status,
      contentType: "application/problem+json",
    });
  });
});

test("hostile headers change nothing", async ({ expect }) => {
  for (const headers of [
    { "X-Request-ID": "a".repeat(5_000) },
    { "X-Request-ID": "<script>" },
    { traceparent: "00-zz-zz-zz" },
    { "Accept-Language": "x".repeat(8_000) },
    { "X-HTTP-Method-Override": "DELETE" },
    { "X-Forwarded-For": "'; drop table users; --" },
    { Cookie: "a=b; ".repeat(1_000) },
  ]) {
    expect((await send({ method: "GET", headers })).status).toBe(200);
  }
  expect(await contents()).toHaveLength(1);
});
