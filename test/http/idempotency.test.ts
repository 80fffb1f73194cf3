import { describe, test } from "vitest";

import { AppError } from "../../src/models/errors.ts";
import type { UserRepository } from "../../src/models/user.ts";
import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { ABSENT_ID } from "../support/http-contract.ts";
import { acceptTokens, createRecordedApp, limitTo, sha256Hex } from "../support/http-fakes.ts";
import { newUserData, readPage, readProblem, readUser, send, stableHeaders, USERS } from "../support/http-messages.ts";
import { createTestApp, type TestApp, type TestAppOptions } from "../support/test-app.ts";
import { buildUser } from "../support/users.ts";

const KEY = '"8e03978e-40d5-43e8-bc93-6894a57f9324"';
const DAY_MS = 24 * 60 * 60 * 1_000;
const ADA = { username: "ada1815", email: "ada@example.com", full_name: "Ada Lovelace" };
const GRACE = { username: "grace1906", email: "grace@example.com", full_name: "Grace Hopper" };

type Headers_ = Record<string, string>;
const post = ({ request }: TestApp, body: unknown, headers: Headers_ = {}, key: string = KEY) =>
  request(USERS, send("POST", body, { "Idempotency-Key": key, ...headers }));

/** A clock that moves with each look, so that an answer that was made anew would show. */
function openApp(options: TestAppOptions = {}) {
  const time = { now: Date.parse("2026-03-01T12:00:00.000Z") };
  const app = createRecordedApp({ now: () => new Date(time.now++), ...options });
  return { ...app, time };
}

const usernamesOf = async (app: TestApp) => {
  const { data } = await readPage(await app.request(`${USERS}?sort=username`));
  return data.map(({ username }) => username);
};

describe("a repeated creation", () => {
  test("gets the first answer again, and says so", async ({ expect }) => {
    const app = openApp();
    const first = await post(app, ADA, { "X-Request-ID": "req-7" });
    const again = await post(app, ADA, { "X-Request-ID": "req-7" });
    expect(first.status).toBe(201);
    expect(first.headers.get("Idempotent-Replayed")).toBeNull();
    expect(again.status).toBe(201);
    expect(stableHeaders(again)).toEqual({ ...stableHeaders(first), "idempotent-replayed": "true" });
    expect(again.headers.get("Location")).toMatch(/^\/api\/v1\/users\/id\/[-0-9a-f]{36}$/);
    expect(again.headers.get("ETag")).toMatch(/^"[-0-9a-f]{36}\.1"$/);
    expect(again.headers.get("Cache-Control")).toBe("private, no-cache, no-transform");
    expect(await again.text()).toBe(await first.text());
    expect(await usernamesOf(app)).toEqual(["ada1815"]);
    expect(app.users.calls).toEqual(["insertOnce", "insertOnce", "list"]);
  });

  test("looks like one without a key, the first time", async ({ expect }) => {
    const now = () => new Date("2026-03-01T12:00:00.000Z");
    const keyed = await post(createTestApp({ now }), ADA, { "X-Request-ID": "req-7" });
    const plain = await createTestApp({ now }).request(USERS, send("POST", ADA, { "X-Request-ID": "req-7" }));
    const withoutId = (response: Response, text: string) =>
      text.replaceAll(response.headers.get("Location")?.slice(-36) ?? "", "ID");
    expect(withoutId(keyed, JSON.stringify(stableHeaders(keyed)))).toBe(
      withoutId(plain, JSON.stringify(stableHeaders(plain))),
    );
    expect(withoutId(keyed, await keyed.text())).toBe(withoutId(plain, await plain.text()));
  });

  test("gets the first answer also when the user has changed or gone since", async ({ expect }) => {
    const app = openApp();
    const made = await readUser(await post(app, ADA));
    await app.request(`${USERS}/id/${made.id}`, send("PATCH", { full_name: "Ada King" }));
    expect(await readUser(await post(app, ADA))).toEqual(made);
    await app.request(`${USERS}/id/${made.id}`, { method: "DELETE" });
    const again = await post(app, ADA);
    expect(again.headers.get("Idempotent-Replayed")).toBe("true");
    expect(await readUser(again)).toEqual(made);
    expect(await usernamesOf(app)).toEqual([]);
  });

  test.for([
    ["blanks", JSON.stringify(ADA, null, 4)],
    ["the order of the fields", JSON.stringify(Object.fromEntries(Object.entries(ADA).toReversed()))],
    ["escapes", JSON.stringify(ADA).replaceAll("a", String.raw`\u0061`)],
    ["a blank line at the end", `${JSON.stringify(ADA)}\r\n`],
  ] as const)("is the same one when it differs in %s", async ([, body], { expect }) => {
    const app = openApp();
    await post(app, ADA);
    expect((await post(app, body)).headers.get("Idempotent-Replayed")).toBe("true");
  });

  test("is the same one whatever else its headers say, and with its key in other quotes", async ({ expect }) => {
    const app = openApp();
    await post(app, ADA);
    const headers = {
      Accept: "application/json",
      "Content-Type": "application/json; charset=utf-8",
      "User-Agent": "b",
    };
    for (const key of [KEY, KEY.slice(1, -1), ` ${KEY}\t`]) {
      expect((await post(app, ADA, headers, key)).headers.get("Idempotent-Replayed")).toBe("true");
    }
  });

  test("gets the stored text to the letter, whatever order its fields have", async ({ expect }) => {
    const { id, ...fields } = await readUser(await post(openApp(), ADA));
    const body = JSON.stringify({ ...fields, full_name: "Ada Lovelace", id });
    const stored = async () => ({ status: 201, body, isReplay: true });
    const again = await post(openApp({ users: { ...createFakeUserRepository(), insertOnce: stored } }), ADA);
    expect(again.headers.get("Location")).toBe(`${USERS}/id/${id}`);
    expect(await again.text()).toBe(body);
  });

  test("of thirty at once makes one user", async ({ expect }) => {
    const app = openApp();
    const answers = await Promise.all(Array.from({ length: 30 }, () => post(app, ADA)));
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
    expect(answers.filter(({ headers }) => !headers.has("Idempotent-Replayed"))).toHaveLength(1);
    expect(await usernamesOf(app)).toEqual(["ada1815"]);
  });
});

describe("the key of another payload", () => {
  test.for([
    ["username", { ...ADA, username: "ada1816" }],
    ["email", { ...ADA, email: "ada@example.org" }],
    ["full name", { ...ADA, full_name: "Ada King" }],
    ["everything", GRACE],
  ] as const)("is 422 when it differs in its %s, and nobody is made", async ([, body], { expect }) => {
    const app = openApp();
    await post(app, ADA);
    const response = await post(app, body);
    expect(await readProblem(response)).toMatchObject({ code: "idempotency-key-reused", status: 422 });
    expect(response.headers.get("Idempotent-Replayed")).toBeNull();
    expect(response.headers.get("Retry-After")).toBeNull();
    expect(await usernamesOf(app)).toEqual(["ada1815"]);
  });

  test("is 422 when the same values stand in other fields", async ({ expect }) => {
    const app = openApp();
    await post(app, { ...ADA, username: "abc", full_name: "xyz" });
    const response = await post(app, { ...ADA, username: "xyz", full_name: "abc" });
    expect((await readProblem(response)).code).toBe("idempotency-key-reused");
  });

  test("still stands for the first one afterwards", async ({ expect }) => {
    const app = openApp();
    await post(app, ADA);
    await post(app, GRACE);
    expect((await post(app, ADA)).headers.get("Idempotent-Replayed")).toBe("true");
  });
});

describe("keys are told apart", () => {
  test("by the letter", async ({ expect }) => {
    const app = openApp();
    for (const key of ['"a"', '"A"', '" a"', '"a "', '"aa"', String.raw`"\"a\""`]) {
      const response = await post(app, newUserData(), {}, key);
      expect(response.status, key).toBe(201);
      expect(response.headers.get("Idempotent-Replayed"), key).toBeNull();
    }
  });

  test("by caller: one's own keys are never another's", async ({ expect }) => {
    const entries = [
      { id: "one", sha256: await sha256Hex("key-1"), scopes: ["users:read", "users:write"] as const },
      { id: "two", sha256: await sha256Hex("key-2"), scopes: ["users:read", "users:write"] as const },
    ];
    const tokens = acceptTokens({ "token-1": { id: "jwt:1", scopes: ["users:write"] } });
    const app = openApp({ entries, tokens });
    const callers: Headers_[] = [
      { "X-API-Key": "key-1" },
      { "X-API-Key": "key-2" },
      { Authorization: "Bearer token-1" },
    ];
    const bodies = callers.map(() => newUserData());
    for (const replayed of [null, "true"]) {
      for (const [place, caller] of callers.entries()) {
        const response = await post(app, bodies[place], caller);
        expect(response.status).toBe(201);
        expect(response.headers.get("Idempotent-Replayed")).toBe(replayed);
      }
    }
  });

  test("and last 24 hours", async ({ expect }) => {
    const app = openApp();
    const start = app.time.now;
    await post(app, ADA);
    app.time.now = start + DAY_MS - 1;
    expect((await post(app, ADA)).headers.get("Idempotent-Replayed")).toBe("true");
    app.time.now = start + DAY_MS;
    const response = await post(app, GRACE);
    expect(response.status).toBe(201);
    expect(response.headers.get("Idempotent-Replayed")).toBeNull();
    expect(await usernamesOf(app)).toEqual(["ada1815", "grace1906"]);
  });
});

describe("a refused key", () => {
  test.for(["", '""', '"a', "a b", '"a";q=1', '"a", "b"', '"\u0001"', '"\u00e9"', "?1"])(
    "%j is 400, names the header, and nobody is asked",
    async (key, { expect }) => {
      const app = openApp();
      const problem = await readProblem(await post(app, ADA, {}, key));
      expect(problem).toMatchObject({
        code: "validation-failed",
        errors: [{ parameter: "Idempotency-Key", code: "invalid_format" }],
      });
      expect(app.users.calls).toEqual([]);
    },
  );

  test("of 256 characters is too long, and one of 255 is not", async ({ expect }) => {
    const app = openApp();
    expect((await post(app, ADA, {}, `"${"k".repeat(255)}"`)).status).toBe(201);
    const problem = await readProblem(await post(app, GRACE, {}, `"${"k".repeat(256)}"`));
    expect(problem).toMatchObject({
      code: "validation-failed",
      errors: [{ parameter: "Idempotency-Key", code: "too_long" }],
    });
  });

  test("that comes twice is two keys, hence none", async ({ expect }) => {
    const headers = new Headers({ "Content-Type": "application/json" });
    headers.append("Idempotency-Key", '"a"');
    headers.append("Idempotency-Key", '"a"');
    const response = await openApp().request(USERS, { method: "POST", headers, body: JSON.stringify(ADA) });
    expect((await readProblem(response)).code).toBe("validation-failed");
  });
});

/** A repository whose first keyed creation fails. */
function failingOnce(error: Error): UserRepository {
  const users = createFakeUserRepository();
  let failures = 0;
  return {
    ...users,
    insertOnce: (user, record, context) =>
      failures++ === 0 ? Promise.reject(error) : users.insertOnce(user, record, context),
  };
}

describe("what is not stored: the key works afterwards, also for another payload", () => {
  const taken = buildUser({ username: "taken", email: "taken@example.com" });

  test.for<[string, number, unknown, TestAppOptions, Headers_]>([
    ["a field of the wrong type", 400, { ...ADA, username: 7 }, {}, {}],
    ["a field that breaks a rule", 400, { ...ADA, username: "x" }, {}, {}],
    ["an unknown field", 400, { ...ADA, role: "admin" }, {}, {}],
    ["a malformed body", 400, "{", {}, {}],
    ["another media type", 415, ADA, {}, { "Content-Type": "text/plain" }],
    ["a large body", 413, { ...ADA, full_name: "a".repeat(70_000) }, {}, {}],
    ["an answer in another format", 406, ADA, {}, { Accept: "text/html" }],
    ["a taken username", 409, { ...ADA, username: "taken" }, { users: createFakeUserRepository([taken]) }, {}],
    ["a taken email address", 409, { ...ADA, email: taken.email }, { users: createFakeUserRepository([taken]) }, {}],
    ["wrong credentials", 403, ADA, { apiKey: "right" }, { "X-API-Key": "wrong" }],
    ["a database that is down", 503, ADA, { users: failingOnce(new AppError("database-unavailable")) }, {}],
    ["a deadline", 504, ADA, { users: failingOnce(new AppError("deadline-exceeded")) }, {}],
    ["a bug", 500, ADA, { users: failingOnce(new Error("bug")) }, {}],
  ])("%s", async ([, status, body, options, headers], { expect }) => {
    const app = openApp(options);
    expect((await post(app, body, { "X-API-Key": "right", ...headers })).status).toBe(status);
    const response = await post(app, GRACE, { "X-API-Key": "right" });
    expect(response.status).toBe(201);
    expect(response.headers.get("Idempotent-Replayed")).toBeNull();
  });

  test("a limit that is used up", async ({ expect }) => {
    const limits = [limitTo(0), limitTo(9)];
    const app = openApp({
      callerLimiter: { allow: async (...args) => await (limits.shift() ?? limitTo(9)).allow(...args) },
    });
    expect((await post(app, ADA)).status).toBe(429);
    expect((await post(app, GRACE)).status).toBe(201);
  });
});

describe("the key of a request that is running", () => {
  const inUse: UserRepository = {
    ...createFakeUserRepository(),
    insertOnce: () => Promise.reject(new AppError("idempotency-key-in-use")),
  };

  test("is 409 and says when to come back", async ({ expect }) => {
    const response = await post(openApp({ users: inUse }), ADA);
    expect(await readProblem(response)).toMatchObject({ code: "idempotency-key-in-use", status: 409 });
    expect(response.headers.get("Retry-After")).toBe("1");
    expect(response.headers.get("Idempotent-Replayed")).toBeNull();
  });
});

describe("other requests pay no attention to a key", () => {
  const user = buildUser();
  const path = `${USERS}/id/${user.id}`;

  test.for<[string, string, RequestInit, number]>([
    ["a read", path, {}, 200],
    ["a list", USERS, {}, 200],
    ["a change", path, send("PATCH", { full_name: "Ada King" }), 200],
    ["a delete", path, { method: "DELETE" }, 204],
    ["a change of nobody", `${USERS}/id/${ABSENT_ID}`, send("PATCH", { full_name: "Ada King" }), 404],
    ["a probe", "/health", {}, 200],
  ])("%s", async ([, target, init, status], { expect }) => {
    for (const key of [KEY, '"malformed']) {
      const app = openApp({ users: createFakeUserRepository([user]) });
      const headers = new Headers(init.headers);
      headers.set("Idempotency-Key", key);
      for (let time = 0; time < 2; time++) {
        const response = await app.request(target, { ...init, headers });
        expect(response.status).toBe(status);
        expect(response.headers.get("Idempotent-Replayed")).toBeNull();
      }
      expect(app.users.calls).not.toContain("insertOnce");
    }
  });
});
