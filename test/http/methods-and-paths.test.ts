import { describe, test } from "vitest";

import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { KNOWN_PATHS, METHODS } from "../support/http-contract.ts";
import { createRecordedApp, limitTo, SERVED_ASSETS } from "../support/http-fakes.ts";
import { createUser, readProblem, send, stableHeaders, USERS } from "../support/http-messages.ts";
import { requestOf, SCENARIOS } from "../support/http-scenarios.ts";
import { createTestApp } from "../support/test-app.ts";
import { buildUser } from "../support/users.ts";

test("the table of known paths holds every path of the app", ({ expect }) => {
  expect(KNOWN_PATHS.map(({ template }) => template).toSorted()).toEqual(createTestApp().templates.toSorted());
});

const allowed = (allow: string): readonly string[] => allow.split(", ");
const WRONG_METHODS = KNOWN_PATHS.flatMap(({ path, allow }) =>
  [...METHODS, "PROPFIND"]
    .filter((method) => !allowed(allow).includes(method))
    .map((method) => ({ method, path, allow })),
);

/** Every error that a reader can get, by its own code and by the probes' document. */
const REFUSED_READS = SCENARIOS.filter(({ method, code }) => method === "GET" && code !== null);

test.for(WRONG_METHODS)(
  "$method $path is 405 and says what is allowed",
  async ({ method, path, allow }, { expect }) => {
    const { request, users } = createRecordedApp();
    const response = await request(path, { method });
    expect(response.headers.get("Allow")).toBe(allow);
    expect(response.status).toBe(405);
    expect(users.calls).toEqual([]);
    if (method === "HEAD") return;
    expect(await readProblem(response)).toMatchObject({ code: "method-not-allowed", status: 405, instance: path });
  },
);

test("a wrong method is 405 also with a body, a query and a malformed id", async ({ expect }) => {
  const response = await createTestApp().request(`${USERS}/id/nonsense?x=1`, send("PUT", "{"));
  expect(await readProblem(response)).toMatchObject({ code: "method-not-allowed" });
});

test.for(KNOWN_PATHS)(
  "OPTIONS $path is 204 with Allow, without credentials and outside limits",
  async ({ path, allow }, { expect }) => {
    const [callerLimiter, failureLimiter] = [limitTo(0), limitTo(0)];
    const { request, users } = createRecordedApp({ apiKey: "key", callerLimiter, failureLimiter });
    const response = await request(path, { method: "OPTIONS" });
    expect(response.status).toBe(204);
    expect(response.headers.get("Allow")).toBe(allow);
    expect(await response.text()).toBe("");
    expect([...callerLimiter.keys, ...failureLimiter.keys, ...users.calls]).toEqual([]);
  },
);

describe("HEAD", () => {
  const user = buildUser({ username: "ada1815" });
  const openApp = () => createTestApp({ users: createFakeUserRepository([user, buildUser()]), assets: SERVED_ASSETS });

  test.for([
    ...KNOWN_PATHS.map(({ path }) => path),
    `${USERS}?limit=1`,
    `${USERS}/id/${user.id}`,
    `${USERS}/username/ada1815`,
    `${USERS}/id/nonsense`,
    `${USERS}?limit=0`,
    "/nowhere",
    "/problems/nonsense",
  ])("%s has the status and headers of GET, and no body", async (path, { expect }) => {
    const { request } = openApp();
    const headers = { "X-Request-ID": "the-same" };
    const [head, get] = [await request(path, { method: "HEAD", headers }), await request(path, { headers })];
    expect(head.status).toBe(get.status);
    expect(stableHeaders(head)).toEqual(stableHeaders(get));
    expect(await head.text()).toBe("");
    expect(await get.text()).not.toBe("");
  });

  test.for(REFUSED_READS)(
    "of the refusal $name carries no body, and says what GET says",
    async (scenario, { expect }) => {
      const ask = (method: string) =>
        createTestApp(scenario.options()).request(scenario.path, {
          ...requestOf(scenario, { "X-Request-ID": "the-same" }),
          method,
        });
      const [head, get] = [await ask("HEAD"), await ask("GET")];
      expect(head.status).toBe(scenario.status);
      expect(head.body).toBeNull();
      expect(stableHeaders(head)).toEqual(stableHeaders(get));
      expect((await readProblem(get)).code).toBe(scenario.code);
    },
  );

  test("does not escape authentication", async ({ expect }) => {
    const response = await createTestApp({ apiKey: "key" }).request(USERS, { method: "HEAD" });
    expect(response.status).toBe(401);
  });
});

describe("an unknown path is 404:", () => {
  // A space behind an id or username is part of it, so it is a malformed value of a known path.
  const endsWithValue = (template: string) => /^\/api\/.*\/:\w+$/.test(template);
  const VARIANTS = KNOWN_PATHS.filter(({ path }) => path !== "/").flatMap(({ template, path }) => [
    `${path}/`,
    `/${path}`,
    `${path}//`,
    path.replace(/\/(?=[^/]*$)/, "//"),
    // Below webhooks there are ids.
    `${path}/${template === "/api/v1/webhooks" ? "more/more" : "more"}`,
    path.replace(/^\/[a-z]/, (start) => start.toUpperCase()),
    ...(endsWithValue(template) ? [] : [`${path}%20`]),
  ]);
  const NOWHERE = [
    "/nowhere",
    "//",
    "/api",
    "/api/v1",
    "/api/v2/users",
    `${USERS}/id`,
    `${USERS}/id/`,
    `${USERS}/username`,
    `${USERS}/username/`,
    `${USERS}/jdoe`,
    "/problems",
    "/problems/",
    "/problems/nonsense",
    "/problems/constructor",
    "/problems/__proto__",
    "/problems/User-Not-Found",
    "/docs/",
    "/docs/index.html",
    "/docs/constructor",
    "/docs/..%2Fopenapi.json",
    "/index.html",
    "/favicon.ico",
    "/.env",
    "/.git/config",
    "/%00",
    "/%",
    "/%FF%FE",
    `/${"x".repeat(10_000)}`,
    `/${"a/".repeat(2_000)}`,
  ];

  test.for([...new Set([...VARIANTS, ...NOWHERE])])("%s", async (path, { expect }) => {
    const { request, users } = createRecordedApp({ apiKey: "key" });
    expect(await readProblem(await request(path))).toMatchObject({ code: "route-not-found", status: 404 });
    expect(users.calls).toEqual([]);
  });

  test.for(METHODS)("with the method %s too", async (method, { expect }) => {
    const response = await createTestApp().request("/nowhere", { method });
    expect(response.status).toBe(404);
    expect(response.headers.get("Allow")).toBeNull();
  });
});

test("a user cannot be reached below two addresses", async ({ expect }) => {
  const app = createTestApp();
  const { id } = await createUser(app);
  for (const path of [`${USERS}/id/${id}/`, `${USERS}/${id}`, `${USERS}//id/${id}`, `${USERS}/username/${id}`]) {
    expect((await app.request(path)).status, path).toBeGreaterThanOrEqual(400);
  }
});
