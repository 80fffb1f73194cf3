import { afterAll, afterEach, beforeAll, describe, test } from "vitest";

import { JWKS_LIMITS } from "../../src/auth/jwks.ts";
import { startIssuer, type Algorithm, type IssuerServer, type TokenContent } from "../support/issuer.ts";
import { startStack, type Stack } from "../support/stack.ts";

const USERS = "/api/v1/users";
const NEW_USER = { username: "newcomer", email: "newcomer@example.com", full_name: "New Comer" };

let server: IssuerServer;
let stack: Stack;
const started: (() => Promise<void>)[] = [];

/** Tests start with keys of different kinds, so that the runtime shows that it verifies all of them. */
async function start(algorithm: Algorithm, vars: Record<string, string> = {}): Promise<void> {
  server = await startIssuer({ algorithm });
  started.push(server.close);
  const { issuer, audience } = server.provider;
  stack = await startStack({ vars: { JWKS_URL: server.jwksUrl, JWT_ISSUER: issuer, JWT_AUDIENCE: audience, ...vars } });
  started.push(stack.stop);
}

/** The Worker before its issuer. */
async function stop(): Promise<void> {
  for (const close of started.splice(0).toReversed()) await close();
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function answerOf(sent: Promise<Response>): Promise<Answer> {
  const response = await sent;
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
}

const listWith = (headers: Record<string, string>) => answerOf(stack.request(USERS, { headers }));

const bearer = async (content?: TokenContent) => ({ Authorization: `Bearer ${await server.provider.mint(content)}` });

const challengeOf = ({ headers }: Answer) => headers.get("WWW-Authenticate") ?? "";

const seconds = () => Math.floor(Date.now() / 1_000);

describe("With an issuer configured", () => {
  beforeAll(() => start("ES256"));
  afterAll(stop);

  test("thirty first callers at the same moment are all admitted", async ({ expect }) => {
    const tokens = await Promise.all(Array.from({ length: 30 }, (_, i) => bearer({ claims: { sub: `caller-${i}` } })));
    const answers = await Promise.all(tokens.map(listWith));
    expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 200));
  });

  test("a valid token reads and writes, and the log names its caller without naming the person", async ({ expect }) => {
    const headers = await bearer({ claims: { sub: "jane@example.com" } });
    const created = await answerOf(stack.sendJson(USERS, NEW_USER, { headers }));
    expect(created.status).toBe(201);
    expect((await listWith(headers)).body["data"]).toMatchObject([{ username: "newcomer" }]);
    const log = JSON.stringify(stack.events());
    expect(log).toMatch(/"caller":"jwt:[0-9a-f]{16}"/);
    expect(log).not.toContain("jane@example.com");
    expect(log).not.toContain(headers.Authorization.slice(-40));
  });

  test("without a token it is 401 and asks for one, without an error code", async ({ expect }) => {
    const answer = await listWith({});
    expect(answer).toMatchObject({ status: 401, body: { type: "/problems/missing-credentials" } });
    expect(challengeOf(answer)).toMatch(/^Bearer\b/);
    expect(challengeOf(answer)).not.toContain("error=");
  });

  test.for<[string, TokenContent]>([
    ["expired", { claims: { exp: seconds() - 120 } }],
    ["not yet valid", { claims: { nbf: seconds() + 3_600 } }],
    ["of another issuer", { claims: { iss: "https://evil.test/" } }],
    ["for another audience", { claims: { aud: "billing-api" } }],
    ["without an end", { claims: { exp: undefined } }],
    ["of another type", { header: { typ: "logout+jwt" } }],
  ])("a token that is %s is 401 invalid_token, and the client learns no more", async ([, content], { expect }) => {
    const answer = await listWith(await bearer(content));
    expect(answer.status).toBe(401);
    expect(challengeOf(answer)).toMatch(/^Bearer .*error="invalid_token"/);
    expect(JSON.stringify(answer.body)).not.toMatch(/expired|evil|audience|issuer|logout/);
  });

  test.for(["Bearer", "Bearer x", "Bearer a b", "Bearer a.b.c"])(
    "the header %j is 401 invalid_token",
    async (header, { expect }) => {
      const answer = await listWith({ Authorization: header });
      expect(answer.status).toBe(401);
      expect(challengeOf(answer)).toMatch(/^Bearer .*error="invalid_token"/);
    },
  );

  test("a tampered token is 401, and the log says why", async ({ expect }) => {
    const { Authorization } = await bearer();
    const answer = await listWith({ Authorization: `${Authorization.slice(0, -6)}AAAAAA` });
    expect(answer.status).toBe(401);
    expect(JSON.stringify(stack.events())).toContain("wrong-signature");
  });

  test("a token without the scope is 403 insufficient_scope, and nothing is written", async ({ expect }) => {
    const headers = await bearer({ claims: { scope: "users:read" } });
    expect((await listWith(headers)).status).toBe(200);
    const user = { ...NEW_USER, username: "second", email: "second@example.com" };
    const answer = await answerOf(stack.sendJson(USERS, user, { headers }));
    expect(answer).toMatchObject({ status: 403, body: { type: "/problems/insufficient-scope" } });
    expect(challengeOf(answer)).toMatch(/^Bearer .*error="insufficient_scope"/);
    expect((await listWith(headers)).body["data"]).toHaveLength(1);
  });

  test("a refused token costs no round trip to the database", async ({ expect }) => {
    const headers = await bearer({ claims: { aud: "other" } });
    stack.gateway.resetStats();
    await listWith(headers);
    expect(stack.gateway.stats.requests).toBe(0);
  });

  test("health needs no token, and a wrong one does not matter", async ({ expect }) => {
    const response = await stack.request("/health", { headers: { Authorization: "Bearer x" } });
    expect(response.status).toBe(200);
  });
});

describe("When the issuer", () => {
  afterEach(stop);

  test("rotates its key, new tokens are admitted at once and old ones as long as their key is published", async ({
    expect,
  }) => {
    await start("RS256");
    const old = await bearer();
    expect((await listWith(old)).status).toBe(200);
    await server.provider.rotate({ keepOld: true });
    const fresh = await bearer();
    const answers = await Promise.all([old, fresh, fresh, old, fresh].map(listWith));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });

  test("gets tokens with made-up keys, it is asked once, and true ones are still admitted", async ({ expect }) => {
    await start("PS256");
    expect((await listWith(await bearer())).status).toBe(200);
    for (let i = 0; i < 20; i++) {
      expect((await listWith(await bearer({ header: { kid: `made-up-${i}` } }))).status).toBe(401);
    }
    expect(server.provider.fetches).toBe(2);
    expect((await listWith(await bearer())).status).toBe(200);
  });

  test("is down from the start, tokens are 503, API keys work, and all recovers by itself", async ({ expect }) => {
    await start("EdDSA", { API_KEY: "right" });
    server.provider.isDown = true;
    const headers = await bearer();
    const answer = await listWith(headers);
    expect(answer).toMatchObject({ status: 503, body: { type: "/problems/credentials-unverifiable" } });
    expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect((await listWith({ "X-API-Key": "right" })).status).toBe(200);
    expect((await stack.request("/health")).status).toBe(200);

    server.provider.isDown = false;
    await new Promise((resolve) => setTimeout(resolve, JWKS_LIMITS.failureBackoffMs));
    expect((await listWith(headers)).status).toBe(200);
  });

  test("hangs, tokens are 503 as soon as the time for its keys is over, well before the request's own", async ({
    expect,
  }) => {
    await start("ES256");
    server.provider.isHanging = true;
    const headers = await bearer();
    const startedAt = performance.now();
    const answers = await Promise.all([headers, headers, headers].map(listWith));
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(performance.now() - startedAt).toBeLessThan(JWKS_LIMITS.fetchTimeoutMs + 1_500);
    expect((await listWith({})).status).toBe(401);
  });

  test("goes down later, tokens of known keys are still admitted", async ({ expect }) => {
    await start("EdDSA");
    expect((await listWith(await bearer())).status).toBe(200);
    server.provider.isDown = true;
    expect((await listWith(await bearer())).status).toBe(200);
    expect((await listWith(await bearer({ header: { kid: "unknown" } }))).status).toBe(503);
  });

  test("stands beside API keys, either suffices and a wrong one is refused", async ({ expect }) => {
    await start("RS256", { API_KEY: "right" });
    const token = await bearer();
    const wrong = await bearer({ claims: { aud: "other" } });
    const statuses: number[] = [];
    for (const headers of [
      { "X-API-Key": "right" },
      token,
      { ...token, "X-API-Key": "right" },
      { ...token, "X-API-Key": "guess" },
      { ...wrong, "X-API-Key": "right" },
    ]) {
      statuses.push((await listWith(headers)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 403, 401]);
    expect(challengeOf(await listWith({}))).toMatch(/ApiKey.*Bearer|Bearer.*ApiKey/);
  });
});
