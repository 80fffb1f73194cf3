import { afterAll, beforeAll, describe, test, type ExpectStatic } from "vitest";

import { exchange, SENTINEL, type RawAnswer } from "../support/raw-http.ts";
import { startStack, type Stack } from "../support/stack.ts";

/*
 * Header and log injection over a raw socket: whatever bytes a client sends, an answer has our headers with visible ASCII in them,
 * and the log has one event, which is one line of visible ASCII.
 */

/** Every header that the Worker or its runtime sends to these requests; nothing that a client says adds one. */
const OUR_HEADERS = [
  "access-control-allow-headers",
  "access-control-allow-methods",
  "access-control-allow-origin",
  "access-control-max-age",
  "access-control-expose-headers",
  "allow",
  "cache-control",
  "content-length",
  "content-security-policy",
  "content-type",
  "connection",
  "etag",
  "idempotent-replayed",
  "link",
  "location",
  "referrer-policy",
  "retry-after",
  "server-timing",
  "strict-transport-security",
  "timing-allow-origin",
  "traceparent",
  "transfer-encoding",
  "vary",
  "www-authenticate",
  "x-content-type-options",
  "x-request-id",
  "x-version-id",
];

/** Those that could hold what a client said, or stand in for it. */
const ECHOES = [
  "access-control-allow-origin",
  "allow",
  "etag",
  "link",
  "location",
  "timing-allow-origin",
  "traceparent",
  "www-authenticate",
  "x-request-id",
];

const KEY = "an-api-key";
const USERS = "/api/v1/users";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const VISIBLE_ASCII = /^[\x20-\x7e]*$/;

const utf8 = (text: string): string => Buffer.from(text).toString("latin1");

/** What a header, a path or a query may hold to end a line, to hide, or to be cut down to a line's end by a careless encoder. */
const PAYLOADS: Readonly<Record<string, string>> = {
  "CR and LF": "a\r\nInjected: yes",
  "LF alone": "a\nInjected: yes",
  "CR alone": "a\rInjected: yes",
  "a folded line": "a\r\n Injected: yes",
  NUL: "a\0Injected: yes",
  "CR and LF, percent-encoded": "a%0d%0aInjected:%20yes%0d%0a%0d%0a%7b%22event%22%3a%22forged%22%7d",
  "CR and LF, encoded twice": "a%250d%250aInjected:%2520yes",
  "CR and LF, overlong": "a%c0%8d%c0%8aInjected:%20yes",
  "letters whose low bytes are CR and LF": utf8("a\u560d\u560aInjected: yes"),
  "a line separator": utf8("a\u2028Injected: yes"),
  "a next-line control of 8 bits": "a\x85Injected: yes",
  "a terminal's escape sequence": "a\x1b[2J\x1b]0;owned\x07",
  "an escape sequence of 8 bits": "a\x9b2J",
  "text that is turned around": utf8("a\u202egnp.exe\u2066"),
  "invisible characters": utf8("a\u200b\ufeff\u{e0041}"),
  "a quote and a brace": 'a","event":"forged","x":"',
  "a header that is long": "a".repeat(6_000),
};

let stack: Stack;
const seen = new Set<string>();

beforeAll(async () => {
  stack = await startStack({ vars: { API_KEY: KEY, CORS_ORIGINS: "https://app.example" } });
  for (const username of ["alice", "alan"]) {
    const headers = { "X-API-Key": KEY };
    await stack.sendJson(USERS, { username, email: `${username}@example.com`, full_name: "A" }, { headers });
  }
});

afterAll(async () => {
  await stack?.stop();
});

interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends it as it is, and holds what came back and what was logged against the rules of this file. */
async function expectNoInjection(expect: ExpectStatic, request: RawRequest): Promise<RawAnswer> {
  const { method = "GET", path = USERS, headers = {}, body = "" } = request;
  const before = stack.output.length;
  const fields = {
    Host: "users.test",

    "X-API-Key": KEY,
    "Content-Length": `${body.length}`,
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const answer = await exchange(stack.url, `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);

  const foreign = answer.headers.filter(([name]) => !OUR_HEADERS.includes(name.toLowerCase()));
  expect(foreign).toEqual([]);
  expect(answer.headers.filter(([, value]) => !VISIBLE_ASCII.test(value))).toEqual([]);
  expect(answer.headers.filter(([, value]) => /injected|forged|set-cookie/i.test(value))).toEqual([]);
  for (const [name] of answer.headers) seen.add(name.toLowerCase());

  const id = answer.headers.find(([name]) => name.toLowerCase() === "x-request-id")?.[1];
  const written = () => stack.output.slice(before).filter((line) => !line.includes(SENTINEL));
  const ownEvents = () => written().filter((line) => line.includes(`"request_id":"${id}"`));
  // What the runtime itself refuses, as it does a NUL in a header, never gets to the Worker.
  if (id !== undefined) await expect.poll(ownEvents, { timeout: 20_000 }).toHaveLength(1);
  else expect(answer.status).toBe(400);
  for (const line of written()) {
    expect(line).toMatch(VISIBLE_ASCII);
    expect(JSON.parse(line)).toMatchObject({ event: "request" });
  }
  return answer;
}

const headerOf = ({ headers }: RawAnswer, wanted: string): string | undefined =>
  headers.find(([name]) => name.toLowerCase() === wanted)?.[1];

describe.for(Object.entries(PAYLOADS))("%s", ([, payload]) => {
  test("in a header that is echoed or logged adds no line to the answer or the log", async ({ expect }) => {
    for (const name of ["X-Request-ID", "traceparent", "Origin", "User-Agent", "CF-Ray", "Accept", "If-None-Match"])
      await expectNoInjection(expect, { headers: { [name]: payload } });
    await expectNoInjection(expect, { headers: { Origin: `https://app.example${payload}` } });
    for (const name of ["Access-Control-Request-Method", "Access-Control-Request-Headers"]) {
      const headers = { Origin: "https://app.example", [name]: payload };
      await expectNoInjection(expect, { method: "OPTIONS", headers });
    }
    for (const name of ["X-API-Key", "Authorization", "Cookie"])
      await expectNoInjection(expect, { headers: { "X-API-Key": "", [name]: payload } });
  });

  test("in a path or a query adds none either", async ({ expect }) => {
    const encoded = encodeURIComponent(payload);
    for (const part of new Set([payload.replaceAll(" ", "%20"), encoded])) {
      for (const path of [`/${part}`, `//${part}/x`, `/docs/${part}`, `/problems/${part}`, `${USERS}/${part}`])
        await expectNoInjection(expect, { path });
      for (const path of [`${USERS}/id/${part}`, `${USERS}/username/${part}`]) {
        await expectNoInjection(expect, { path });
        await expectNoInjection(expect, { path, method: "PUT" });
      }
      for (const query of [`email=${part}`, `username=${part}`, `cursor=${part}`, `created_after=${part}`, `${part}=1`])
        await expectNoInjection(expect, { path: `${USERS}?limit=1&${query}` });
    }
  });

  test("in a body comes back in no header", async ({ expect }) => {
    const body = JSON.stringify({ username: payload, email: payload, full_name: payload });
    const headers = { "Content-Type": "application/json", "Idempotency-Key": `"${payload}"` };
    await expectNoInjection(expect, { method: "POST", headers, body: utf8(body) });
  });
});

describe("What may be echoed", () => {
  test("is a request id of safe characters, and a trace; all others are replaced", async ({ expect }) => {
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    const headers = { "X-Request-ID": "A.b_c-1", traceparent: `00-${trace}-00f067aa0ba902b7-01` };
    const echoed = await expectNoInjection(expect, { headers });
    expect(headerOf(echoed, "x-request-id")).toBe("A.b_c-1");
    expect(headerOf(echoed, "traceparent")).toContain(trace);
    for (const id of ["a b", "a%0d%0a", utf8("\u00e4"), "a\tb", "<a>", "a".repeat(129)]) {
      const replaced = await expectNoInjection(expect, { headers: { "X-Request-ID": id, traceparent: `00-${id}` } });
      expect(headerOf(replaced, "x-request-id"), id).toMatch(UUID);
      expect(headerOf(replaced, "traceparent"), id).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    }
  });

  test("is the query of a list, encoded anew, and the origin that is configured", async ({ expect }) => {
    const query = "limit=1&username=al&created_after=2020-01-01T00%3a00%3a00Z";
    const page = await expectNoInjection(expect, {
      path: `${USERS}?${query}`,
      headers: { Origin: "https://app.example" },
    });
    expect(page.status).toBe(200);
    expect(headerOf(page, "link")).toMatch(/^<\/api\/v1\/users\?[\w%&=.-]+>; rel="next"$/);
    expect(headerOf(page, "access-control-allow-origin")).toBe("https://app.example");
    expect(headerOf(page, "timing-allow-origin")).toBe("https://app.example");
  });

  test("is no host: what a client calls us leads nobody elsewhere", async ({ expect }) => {
    const headers = { Host: "evil.example", "X-Forwarded-Host": "evil.example", Forwarded: "host=evil.example" };
    for (const path of [`${USERS}?limit=1`, "/", "/openapi.json", "/docs", "/nope"]) {
      const answer = await expectNoInjection(expect, { path, headers });
      expect(JSON.stringify(answer), path).not.toContain("evil");
    }
  });

  test("is a place made of an id, and an entity tag made of an id and a number", async ({ expect }) => {
    const body = JSON.stringify({ username: "bob", email: "bob@example.com", full_name: "B" });
    const headers = { "Content-Type": "application/json" };
    const created = await expectNoInjection(expect, { method: "POST", headers, body });
    expect(headerOf(created, "location")).toMatch(/^\/api\/v1\/users\/id\/[0-9a-f-]{36}$/);
    expect(headerOf(created, "etag")).toMatch(/^"[0-9a-f-]{36}\.\d+"$/);
  });
});

test("every header that could be an echo was looked at", async ({ expect }) => {
  expect(ECHOES.filter((name) => !seen.has(name))).toEqual([]);
});
