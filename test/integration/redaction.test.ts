import { createHash } from "node:crypto";

import { afterAll, afterEach, beforeAll, describe, test } from "vitest";

import { DOCS_FILES } from "../../src/http/docs.ts";
import { PROBLEM_TYPES } from "../../src/http/problem-registry.ts";
import type { Fault } from "../../tools/dev/gateway/index.ts";
import { serveWorker } from "../../tools/dev/worker/serve.ts";
import { createCanaries, outputsOfMessage, outputsOfResponse } from "../support/canaries.ts";
import { startIssuer, type IssuerServer } from "../support/issuer.ts";
import { checkLogText } from "../support/log-schema.ts";
import { startStack, type Stack } from "../support/stack.ts";
import { buildApi } from "../support/worker-build.ts";

/*
 * Canaries are planted in every input of a Worker of staging, and everything that comes out of it is searched for them: status
 * lines, headers, bodies, events, and whatever else it or its runtime writes.
 */

/** The only inputs that come out again, each in the places that exist for it. */
const MAY_COME_OUT: Readonly<Record<string, readonly string[]>> = {
  "header:X-Request-ID": ["header:x-request-id", "body:/request_id", "log:/request_id"],
  "header:traceparent, its trace": ["header:traceparent", "body:/trace_id", "log:/trace_id"],
  "header:tracestate": ["header:tracestate"],
  "header:User-Agent": ["log:/user_agent"],
  path: ["body:/instance"],
  "query, a name": ["body:/errors/each/parameter"],
  "body, a name": ["body:/errors/each/pointer"],
  username: ["body:/username", "body:/data/each/username", "body:/next_cursor", "header:link"],
  email: ["body:/email", "body:/data/each/email"],
  full_name: ["body:/full_name", "body:/data/each/full_name"],
  "webhook, its URL": ["body:/url", "body:/data/each/url"],
  "webhook, its description": ["body:/description", "body:/data/each/description"],
  "config:CORS_ORIGINS": ["header:access-control-allow-origin", "header:timing-allow-origin"],
  "config:API_KEYS, an id": ["log:/caller"],
};
const ALLOWED = new Set(
  Object.entries(MAY_COME_OUT).flatMap(([input, places]) => places.map((at) => `${input} at ${at}`)),
);

const canaries = createCanaries();
const { plant } = canaries;
const API_KEY = plant("config:API_KEY");
const READER_KEY = plant("config:API_KEYS, a key");
const READER_DIGEST = createHash("sha256").update(READER_KEY).digest("hex");
canaries.watch("config:API_KEYS, a digest", READER_DIGEST);
const ORIGIN = `https://${plant("config:CORS_ORIGINS")}.example`;
const REQUEST_TIMEOUT_MS = 1_500;
const USERS = "/api/v1/users";
const WEBHOOKS = "/api/v1/webhooks";

let issuer: IssuerServer;
let stack: Stack;
const statuses = new Set<number>();
const cameOut = new Set<string>();

beforeAll(async () => {
  issuer = await startIssuer();
  stack = await startStack({
    env: "staging",
    databasePassword: plant("config:DATABASE_URL"),
    vars: {
      API_KEY,
      API_KEYS: JSON.stringify([
        { id: plant("config:API_KEYS, an id"), sha256: READER_DIGEST, scopes: ["users:read"] },
      ]),
      CURSOR_SECRET: `${plant("config:CURSOR_SECRET")}-and-more`,
      CORS_ORIGINS: ORIGIN,
      JWKS_URL: issuer.jwksUrl,
      JWT_ISSUER: issuer.provider.issuer,
      JWT_AUDIENCE: issuer.provider.audience,
      REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS),
    },
  });
});

afterEach(() => stack.gateway.clearFaults());

afterAll(async () => {
  await stack?.stop();
  await issuer?.close();
});

/** Headers that a client or a proxy may send, well-formed or not, with a canary in each. */
function plantedHeaders(isValid: boolean): Record<string, string> {
  const word = (name: string): string => plant(`header:${name}`);
  const trace = plant("header:traceparent, its trace", "trace");
  const parent = plant("header:traceparent, its parent", "trace").slice(16);
  return {
    "X-Request-ID": isValid ? word("X-Request-ID") : `${plant("header:X-Request-ID, malformed")}!`,
    traceparent: isValid ? `00-${trace}-${parent}-01` : `00-${plant("header:traceparent, malformed", "trace")}`,
    tracestate: `vendor=${word("tracestate")}`,
    baggage: `user=${word("baggage")}`,
    "User-Agent": `agent/1.0 (${word("User-Agent")})`,
    Cookie: `session=${word("Cookie")}`,
    "Proxy-Authorization": `Basic ${btoa(`user:${word("Proxy-Authorization")}`)}`,
    Referer: `https://${word("Referer")}.example/?token=${word("Referer")}`,
    Origin: isValid ? ORIGIN : `https://${word("Origin")}.example`,
    Forwarded: `for=${word("Forwarded")}`,
    "X-Forwarded-For": `203.0.113.9, ${word("X-Forwarded-For")}`,
    "X-Forwarded-Host": `${word("X-Forwarded-Host")}.example`,
    "CF-Connecting-IP": word("CF-Connecting-IP"),
    "CF-Ray": `${word("CF-Ray")}-FRA`,
    "Accept-Language": word("Accept-Language"),
    "If-Modified-Since": word("If-Modified-Since"),
    "X-Anything": word("X-Anything"),
  };
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, a text as it is. */
  readonly body?: unknown;
  readonly areHeadersValid?: boolean;
}

/** Sends it, and gives what comes out of the Worker that must not; remembers what may. */
async function leaksOf(path: string, { method = "GET", headers, body, areHeadersValid = true }: Sent = {}) {
  const before = stack.output.length;
  const content = typeof body === "string" ? body : JSON.stringify(body);
  const response = await stack.request(path, {
    method,
    headers: {
      ...plantedHeaders(areHeadersValid),
      "X-API-Key": API_KEY,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(content === undefined ? {} : { body: content }),
  });
  const id = response.headers.get("X-Request-ID");
  const shown = await outputsOfResponse(response);
  while (!stack.output.slice(before).some((line) => line.includes(`"event":"request"`) && line.includes(`"${id}"`)))
    await new Promise((resolve) => setTimeout(resolve, 5));
  const found = canaries.find([...shown, ...stack.output.slice(before).flatMap(outputsOfMessage)]);
  statuses.add(response.status);
  for (const each of found) cameOut.add(each);
  return { status: response.status, leaks: found.filter((each) => !ALLOWED.has(each)) };
}

const newUser = () => ({
  username: plant("username"),
  email: `${plant("email")}@example.com`,
  full_name: plant("full_name", "letters"),
});

async function createUser(user = newUser(), headers: Record<string, string> = {}) {
  const response = await stack.sendJson(USERS, user, { headers: { "X-API-Key": API_KEY, ...headers } });
  const { id } = Object.fromEntries(Object.entries(JSON.parse(await response.text())));
  return { ...user, path: `${USERS}/id/${String(id)}` };
}

const CLEAN = (status: number) => ({ status, leaks: [] });
const quoted = (input: string): string => `"${plant(input)}"`;

// The first one, while there is little to search for in files that are long.
test("Documentation says nothing of the configuration or of who reads it", async ({ expect }) => {
  const paths = ["/openapi.json", "/docs", ...Object.keys(DOCS_FILES).map((file) => `/docs/${file}`)];
  for (const path of paths) expect(await leaksOf(path), path).toEqual(CLEAN(200));
  for (const code of Object.keys(PROBLEM_TYPES)) expect(await leaksOf(`/problems/${code}`)).toEqual(CLEAN(200));
});

describe("A request that succeeds lets out what it asks for, and nothing of what it says besides", () => {
  test.for([true, false])("with headers that are well-formed: %s", async (areHeadersValid, { expect }) => {
    const key = { "Idempotency-Key": quoted("header:Idempotency-Key") };
    const user = newUser();
    const send = (path: string, sent: Sent = {}) => leaksOf(path, { ...sent, areHeadersValid });
    for (let repetition = 0; repetition < 2; repetition += 1)
      expect(await send(USERS, { method: "POST", headers: key, body: user })).toEqual(CLEAN(201));
    const { path } = await createUser();
    const change = { full_name: plant("full_name", "letters") };
    expect(await send(path, { headers: { "If-None-Match": quoted("header:If-None-Match") } })).toEqual(CLEAN(200));
    expect(await send(path, { headers: { "If-None-Match": "*" } })).toEqual(CLEAN(304));
    expect(await send(path, { method: "HEAD" })).toEqual(CLEAN(200));
    expect(await send(path, { method: "PATCH", body: change })).toEqual(CLEAN(200));
    expect(await send(path, { method: "DELETE" })).toEqual(CLEAN(204));
    expect(await send(`${USERS}/username/${user.username.toUpperCase()}`)).toEqual(CLEAN(200));
    const prefix = plant("username");
    for (const end of ["a", "b"]) await createUser({ ...newUser(), username: `${prefix}${end}` });
    expect(await send(`${USERS}?username=${prefix}&limit=1&sort=username`)).toEqual(CLEAN(200));
    expect(await send(`${USERS}?limit=2&sort=username`)).toEqual(CLEAN(200));
    expect(await send(`${USERS}?email=${plant("a query")}%40example.com`)).toEqual(CLEAN(200));
    expect(await send(USERS, { headers: { "X-API-Key": READER_KEY } })).toEqual(CLEAN(200));
    const preflight = {
      Origin: ORIGIN,
      "Access-Control-Request-Method": plant("header:Access-Control-Request-Method"),
    };
    expect(await send(USERS, { method: "OPTIONS", headers: preflight })).toEqual(CLEAN(204));
    for (const probe of ["/", "/health", "/ready", "/health/startup"]) expect(await send(probe)).toEqual(CLEAN(200));
  });
});

describe("What is told of a webhook endpoint is told to its owner, and its secret once", () => {
  test.for([true, false])("with headers that are well-formed: %s", async (areHeadersValid, { expect }) => {
    const send = (path: string, sent: Sent = {}) => leaksOf(path, { ...sent, areHeadersValid });
    const newWebhook = () => ({
      url: `https://${plant("webhook, its URL")}.example.com/${plant("webhook, its URL")}`,
      description: plant("webhook, its description"),
    });
    /** Whatever it answers with from now on is a leak of this secret. */
    const makeSecret = async (path: string, body?: unknown): Promise<string> => {
      const init = { headers: { "X-API-Key": API_KEY } };
      const response = await (body === undefined
        ? stack.request(path, { ...init, method: "POST" })
        : stack.sendJson(path, body, init));
      const { id, secret } = JSON.parse(await response.text()) as { readonly id: string; readonly secret: string };
      canaries.watch("webhook, its secret", secret.slice("whsec_".length, -1));
      return `${WEBHOOKS}/${id}`;
    };
    expect(await send(WEBHOOKS, { method: "POST", body: newWebhook() })).toEqual(CLEAN(201));
    const path = await makeSecret(WEBHOOKS, newWebhook());
    await makeSecret(`${path}/rotate`);
    expect(await send(path, { method: "PATCH", body: newWebhook() })).toEqual(CLEAN(200));
    for (const target of [WEBHOOKS, path, `${path}/deliveries`]) expect(await send(target)).toEqual(CLEAN(200));
    expect(await send(`${path}/test`, { method: "POST" })).toEqual(CLEAN(202));
    expect(await send(`${path}/deliveries?state=${plant("a query")}`)).toEqual(CLEAN(400));
    for (const url of [
      `http://${plant("a body")}.example.com/`,
      `https://${plant("a body")}:pw@example.com/`,
      plant("a body"),
    ])
      expect(await send(WEBHOOKS, { method: "POST", body: { url } }), url).toEqual(CLEAN(400));
    const body = { ...newWebhook(), description: `${plant("a body")}\u0000`, event_types: [plant("a body")] };
    expect(await send(WEBHOOKS, { method: "POST", body })).toEqual(CLEAN(400));
    stack.gateway.inject({
      kind: "http",
      status: 400,
      contentType: "application/json",
      body: JSON.stringify({ code: "22P02", message: plant("database"), severity: "ERROR" }),
    });
    expect(await send(`${path}/rotate`, { method: "POST" })).toEqual(CLEAN(500));
    expect(await send(path, { method: "DELETE" })).toEqual(CLEAN(500));
    stack.gateway.clearFaults();
    expect(await send(path, { method: "DELETE" })).toEqual(CLEAN(204));
  });
});

describe("A request that is refused is told what was wrong with it, without its values", () => {
  test.for([true, false])(
    "for its inputs, with headers that are well-formed: %s",
    async (areHeadersValid, { expect }) => {
      const user = newUser();
      const { path } = await createUser(user);
      const send = (target: string, sent: Sent = {}) => leaksOf(target, { ...sent, areHeadersValid });
      const post = (body: unknown, headers: Record<string, string> = {}) =>
        send(USERS, { method: "POST", body, headers });
      expect(await send(`/${plant("path")}?x=${plant("a query")}`)).toEqual(CLEAN(404));
      expect(await send(`${USERS}/username/${plant("path")}`)).toEqual(CLEAN(404));
      expect(await send(`${USERS}/id/${plant("path")}`)).toEqual(CLEAN(400));
      expect(await send(`${USERS}/${plant("path")}`, { method: "PUT" })).toEqual(CLEAN(404));
      expect(await send(path, { method: "POST", body: newUser() })).toEqual(CLEAN(405));
      for (const name of ["limit", "cursor", "sort", "username", "email", "created_after"])
        expect(await send(`${USERS}?${name}=-%20${plant("a query")}`), name).toEqual(CLEAN(400));
      expect(await send(`${USERS}?${plant("query, a name")}=${plant("a query")}`)).toEqual(CLEAN(400));
      expect(await send(USERS, { headers: { Accept: `text/${plant("header:Accept")}` } })).toEqual(CLEAN(406));
      expect(await post(newUser(), { "Content-Type": `text/${plant("header:Content-Type")}` })).toEqual(CLEAN(415));
      expect(await post({ ...newUser(), full_name: plant("a body").repeat(6_000) })).toEqual(CLEAN(413));
      for (const malformed of [plant("a body"), `{"username":"${plant("a body")}`, `["${plant("a body")}"]`])
        expect(await post(malformed)).toEqual(CLEAN(400));
      for (const name of ["username", "email", "full_name"])
        expect(await post({ ...newUser(), [name]: `<${plant("a body")}>\u0000` }), name).toEqual(CLEAN(400));
      expect(await post({ ...newUser(), [plant("body, a name")]: plant("a body") })).toEqual(CLEAN(400));
      expect(await post({ ...newUser(), username: user.username })).toEqual(CLEAN(409));
      expect(await post({ ...newUser(), email: user.email })).toEqual(CLEAN(409));
      expect(await post(newUser(), { "Idempotency-Key": `"${plant("header:Idempotency-Key")}` })).toEqual(CLEAN(400));
      const key = quoted("header:Idempotency-Key");
      await createUser(newUser(), { "Idempotency-Key": key });
      expect(await post(newUser(), { "Idempotency-Key": key })).toEqual(CLEAN(422));
      for (const [tag, status] of [
        [quoted("header:If-Match"), 412],
        [plant("header:If-Match"), 400],
      ] as const)
        expect(await send(path, { method: "DELETE", headers: { "If-Match": tag } })).toEqual(CLEAN(status));
    },
  );

  test("for its token: one that cannot be checked, and one that is wrong", async ({ expect }) => {
    const claims = () => ({ sub: plant("a token"), jti: plant("a token"), email: plant("a token") });
    const bearing = async (token: string): Promise<Sent> => ({
      headers: { "X-API-Key": "", Authorization: `Bearer ${token}` },
    });
    const { provider } = issuer;
    provider.isDown = true;
    expect(await leaksOf(USERS, await bearing(await provider.mint({ claims: claims() })))).toEqual(CLEAN(503));
    provider.isDown = false;
    const token = await provider.mint({ claims: { ...claims(), scope: "users:read" } });
    canaries.watch("header:Authorization", token.split(".")[2] ?? "");
    await expect.poll(async () => await leaksOf(USERS, await bearing(token)), { timeout: 20_000 }).toEqual(CLEAN(200));
    expect(await leaksOf(USERS, { ...(await bearing(token)), method: "POST", body: newUser() })).toEqual(CLEAN(403));
    const wrong = [
      plant("header:Authorization"),
      `${token.slice(0, -8)}${plant("header:Authorization").slice(-8)}`,
      await provider.mint({ header: { kid: plant("a token") } }),
      await provider.mint({ claims: { ...claims(), iss: plant("a token"), aud: plant("a token") } }),
    ];
    for (const each of wrong) expect(await leaksOf(USERS, await bearing(each))).toEqual(CLEAN(401));
  });

  test("for its key, until there were too many wrong ones", async ({ expect }) => {
    expect(await leaksOf(USERS, { headers: { "X-API-Key": "" } })).toEqual(CLEAN(401));
    const basic = `Basic ${btoa(`${plant("header:Authorization")}:${plant("header:Authorization")}`)}`;
    expect(await leaksOf(USERS, { headers: { "X-API-Key": "", Authorization: basic } })).toEqual(CLEAN(401));
    const outcomes: Awaited<ReturnType<typeof leaksOf>>[] = [];
    // The limit is for a minute by the clock, whose end may come in between.
    for (let attempt = 0; attempt < 200 && outcomes.at(-1)?.status !== 429; attempt += 1) {
      // One address, which is what wrong keys are counted by.
      const headers = { "X-API-Key": plant("header:X-API-Key"), "CF-Connecting-IP": "203.0.113.77" };
      outcomes.push(await leaksOf(USERS, { headers }));
    }
    expect(outcomes.flatMap(({ leaks }) => leaks)).toEqual([]);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([403, 429]));
  });
});

describe("A failure of the database says nothing of the statement, the connection or the proxy's words", () => {
  const text = () => `<p>${plant("database")}</p>`;
  const json = (fields: object): Fault => ({
    kind: "http",
    status: 400,
    contentType: "application/json",
    body: JSON.stringify({ message: plant("database"), severity: "ERROR", detail: plant("database"), ...fields }),
  });
  const FAULTS: readonly (readonly [string, number, () => Fault])[] = [
    ["a refused connection", 503, () => ({ kind: "refuse", durationMs: 60_000 })],
    ["a reset connection", 503, () => ({ kind: "reset", when: "before" })],
    ["a page with status 502", 503, () => ({ kind: "http", status: 502, body: text() })],
    ["a page with status 200", 503, () => ({ kind: "http", status: 200, body: text() })],
    ["a page with status 400", 503, () => ({ kind: "http", status: 400, body: text() })],
    ["an answer that is too large", 503, () => ({ kind: "http", status: 507, body: text() })],
    ["a refusal of the proxy", 503, () => json({ code: "" })],
    ["an error of PostgreSQL", 500, () => json({ code: "22P02", where: plant("database") })],
    ["an error without a known code", 503, () => json({ code: plant("database") })],
    ["a violation of an unknown constraint", 500, () => json({ code: "23505", constraint: `${plant("database")}!` })],
    ["a compute that cannot be woken", 503, () => ({ kind: "wake-up", message: plant("database") })],
    ["an answer that is cut", 503, () => ({ kind: "cut-body" })],
    ["an answer that breaks off", 503, () => ({ kind: "cut-body", how: "disconnect" })],
    ["an answer that is late", 504, () => ({ kind: "slow", when: "before", delayMs: 30_000 })],
  ];

  test.for(FAULTS)("%s: %i", async ([, status, fault], { expect }) => {
    await expect.poll(async () => (await leaksOf(USERS)).status, { timeout: 20_000 }).toBe(200);
    const { path } = await createUser();
    stack.gateway.inject(fault());
    expect(await leaksOf(`${USERS}?email=${plant("a query")}%40example.com`)).toEqual(CLEAN(status));
    const keyed = { "Idempotency-Key": quoted("header:Idempotency-Key") };
    for (const { status: later, leaks } of [
      await leaksOf(USERS, { method: "POST", body: newUser(), headers: keyed }),
      await leaksOf(path, { method: "PATCH", body: { full_name: "Zq" } }),
      await leaksOf("/ready"),
    ]) {
      expect(leaks).toEqual([]);
      // Whoever protects the database from more of the same says 503.
      expect([status, 503]).toContain(later);
    }
  });
});

test("A Worker that cannot start with its configuration names the variables, and no value", async ({ expect }) => {
  const broken = [
    ...["DATABASE_URL", "DATABASE_FETCH_ENDPOINT", "API_KEY"].map((name) => ({
      [name]: `${plant(`config:${name}`)} \u0000`,
    })),
    { DATABASE_URL: `postgresql://app:${plant("config:DATABASE_URL")}@256.256.256.256/users` },
    { API_KEYS: `[{"id":"${plant("config:API_KEYS")}","sha256":"${plant("config:API_KEYS")}"` },
    { CURSOR_SECRET: plant("config:CURSOR_SECRET").slice(0, 14) },
  ];
  const written: string[] = [];
  for (const vars of broken) {
    const worker = await serveWorker({
      bundleDir: await buildApi("staging"),
      port: 0,
      vars: { DATABASE_URL: "postgresql://u:p@localhost/d", API_KEY: "a-key", ...vars },
      onLog: (message) => written.push(message),
    });
    const answers = await Promise.all(
      ["/health", "/ready", "/docs", USERS].map((path) => fetch(new URL(path, worker.url))),
    );
    const shown = (await Promise.all(answers.map(outputsOfResponse))).flat();
    await worker.stop();
    expect(answers.map(({ status }) => status)).toEqual([200, 503, 500, 500]);
    expect(canaries.find([...shown, ...written.flatMap(outputsOfMessage)])).toEqual([]);
    expect(written.join("\n")).toContain(Object.keys(vars)[0]);
    checkLogText(written.join("\n"));
  }
});

// The last one: it looks back at all of the above.
test("All of it was searched: every kind of answer, every allowed place, and the whole output once more", ({
  expect,
}) => {
  expect([...statuses].toSorted((a, b) => a - b)).toEqual([
    200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 429, 500, 503, 504,
  ]);
  expect([...cameOut].toSorted()).toEqual([...ALLOWED].toSorted());
  const found = canaries.find(stack.output.flatMap(outputsOfMessage));
  expect(found.filter((each) => !ALLOWED.has(each))).toEqual([]);
  expect(stack.output.length).toBeGreaterThan(100);
});
