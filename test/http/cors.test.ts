import { describe, test } from "vitest";

import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { KNOWN_PATHS, METHODS } from "../support/http-contract.ts";
import { limitTo, SERVED_ASSETS } from "../support/http-fakes.ts";
import { newUserData, readProblem, send, USERS } from "../support/http-messages.ts";
import { requestOf, SCENARIOS } from "../support/http-scenarios.ts";
import { createTestApp, type TestAppOptions } from "../support/test-app.ts";
import { buildUser } from "../support/users.ts";

const APP = "https://app.example";
/** What is configured. */
type Origins = readonly string[] | "*" | null;

const LIST = [APP, "https://admin.example:8443"];

const corsHeadersOf = ({ headers }: Response): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")));

const varyOf = ({ headers }: Response): string[] => (headers.get("Vary") ?? "").split(", ");

const preflight = (origin: string, method = "POST", headers = "content-type,x-api-key"): RequestInit => ({
  method: "OPTIONS",
  headers: { Origin: origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers },
});

const open = (corsOrigins: Origins, options: TestAppOptions = {}) =>
  createTestApp({ corsOrigins, assets: SERVED_ASSETS, ...options });

describe("without configuration", () => {
  test.for(KNOWN_PATHS)("$path says nothing about origins, by any method", async ({ path }, { expect }) => {
    for (const method of METHODS) {
      for (const origin of [APP, "null", "https://users.test"]) {
        for (const init of [{ method, headers: { Origin: origin } }, preflight(origin, method)]) {
          const response = await open(null).request(path, init);
          expect(corsHeadersOf(response), `${method} ${origin}`).toEqual({});
          expect(varyOf(response)).not.toContain("Origin");
        }
      }
    }
  });

  test("a preflight is answered as any OPTIONS: by the methods that there are", async ({ expect }) => {
    const response = await open(null).request(USERS, preflight(APP));
    expect(response.status).toBe(204);
    expect(response.headers.get("Allow")).toBe("GET, HEAD, OPTIONS, POST");
  });
});

describe.for(SCENARIOS)("the response $name", (scenario) => {
  const ask = (corsOrigins: Origins, headers: Record<string, string>) =>
    createTestApp({ ...scenario.options(), corsOrigins }).request(scenario.path, requestOf(scenario, headers));

  test("can be read from a listed origin, with the headers that matter, never with credentials", async ({ expect }) => {
    for (const origin of LIST) {
      const response = await ask(LIST, { Origin: origin });
      expect(response.status).toBe(scenario.status);
      expect(corsHeadersOf(response)).toEqual({
        "access-control-allow-origin": origin,
        "access-control-expose-headers": expect.stringContaining("ETag"),
      });
      expect(varyOf(response)).toContain("Origin");
    }
  });

  test("cannot be read from elsewhere, and is the same response otherwise", async ({ expect }) => {
    for (const origin of [
      "https://elsewhere.example",
      "null",
      `${APP}.evil.example`,
      "https://APP.example",
      "http://app.example",
    ]) {
      const response = await ask(LIST, { Origin: origin });
      expect(response.status).toBe(scenario.status);
      expect(corsHeadersOf(response), origin).toEqual({});
      expect(varyOf(response), origin).toContain("Origin");
    }
  });

  test("without an origin varies by it all the same", async ({ expect }) => {
    const response = await ask(LIST, {});
    expect(corsHeadersOf(response)).toEqual({});
    expect(varyOf(response)).toContain("Origin");
    expect(varyOf(response).filter((name) => name === "Origin")).toHaveLength(1);
  });

  test("can be read from everywhere when all origins are allowed, never with credentials", async ({ expect }) => {
    for (const origin of [APP, "null", "https://elsewhere.example"]) {
      const response = await ask("*", { Origin: origin });
      expect(corsHeadersOf(response)).toEqual({
        "access-control-allow-origin": "*",
        "access-control-expose-headers": expect.stringContaining("ETag"),
      });
      expect(varyOf(response)).not.toContain("Origin");
    }
  });
});

describe("a preflight", () => {
  test.for(KNOWN_PATHS)(
    "of $path names the methods that it has, without credentials",
    async ({ path, allow }, { expect }) => {
      const limits = { callerLimiter: limitTo(0), failureLimiter: limitTo(0) };
      const response = await open(LIST, { apiKey: "right", ...limits }).request(path, preflight(APP));
      expect(response.status).toBe(204);
      expect(await response.text()).toBe("");
      expect(corsHeadersOf(response)).toEqual({
        "access-control-allow-origin": APP,
        "access-control-allow-methods": allow,
        "access-control-allow-headers": expect.any(String),
        "access-control-max-age": "7200",
      });
      expect(response.headers.get("Allow")).toBe(allow);
      expect(response.headers.get("Cache-Control")).toBe("no-store");
      expect(varyOf(response)).toContain("Origin");
      expect([limits.callerLimiter.keys, limits.failureLimiter.keys]).toEqual([[], []]);
    },
  );

  test.for([
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-API-Key",
    "X-Request-ID",
    "traceparent",
  ])("lets a page send %s", async (name, { expect }) => {
    for (const origins of [LIST, "*"] as const) {
      const response = await open(origins).request(USERS, preflight(APP, "POST", name.toLowerCase()));
      const allowed = response.headers.get("Access-Control-Allow-Headers") ?? "";
      expect(allowed.toLowerCase().split(", ")).toContain(name.toLowerCase());
      expect(allowed).not.toContain("*");
    }
  });

  test("is answered the same for any method and headers: the browser compares", async ({ expect }) => {
    const { request } = open(LIST);
    const [first, second] = [
      await request(USERS, preflight(APP, "DELETE", "x-other")),
      await request(USERS, preflight(APP, "POST")),
    ];
    expect(corsHeadersOf(first)).toEqual(corsHeadersOf(second));
  });

  test("from all origins allows all, without credentials", async ({ expect }) => {
    const response = await open("*").request(USERS, preflight("null"));
    expect(corsHeadersOf(response)).toMatchObject({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, HEAD, OPTIONS, POST",
    });
    expect(response.headers.has("Access-Control-Allow-Credentials")).toBe(false);
  });

  test.for(["https://elsewhere.example", "null", "", `${APP}/`, `${APP}, ${APP}`, LIST.join(",")])(
    "from %j is no preflight that passes",
    async (origin, { expect }) => {
      const response = await open(LIST).request(USERS, preflight(origin));
      expect(response.status).toBe(204);
      expect(corsHeadersOf(response)).toEqual({});
      expect(varyOf(response)).toContain("Origin");
    },
  );

  test.for(["/nowhere", `${USERS}/`, "/api/v2/users"])(
    "of the unknown path %s is 404 and allows nothing",
    async (path, { expect }) => {
      const response = await open(LIST).request(path, preflight(APP));
      expect(await readProblem(response)).toMatchObject({ code: "route-not-found" });
      expect(corsHeadersOf(response)).toEqual({ "access-control-allow-origin": APP });
    },
  );

  test("is more than OPTIONS: without a requested method it allows nothing", async ({ expect }) => {
    const response = await open(LIST).request(USERS, { method: "OPTIONS", headers: { Origin: APP } });
    expect(response.status).toBe(204);
    expect(Object.keys(corsHeadersOf(response)).toSorted()).toEqual([
      "access-control-allow-origin",
      "access-control-expose-headers",
    ]);
  });

  test("is OPTIONS: another method with its headers is a plain request", async ({ expect }) => {
    const response = await open(LIST).request(USERS, { ...preflight(APP, "GET"), method: "GET" });
    expect(response.status).toBe(200);
    expect(response.headers.has("Access-Control-Allow-Methods")).toBe(false);
  });
});

describe("a page of a listed origin", () => {
  const user = buildUser();
  const headers = { Origin: APP };
  const exposedBy = (response: Response) => (response.headers.get("Access-Control-Expose-Headers") ?? "").split(", ");

  test("may read every header that an answer or a refusal is understood by", async ({ expect }) => {
    const users = createFakeUserRepository([user]);
    const app = open(LIST, { users, callerLimit: 9 });
    const limited = open(LIST, { users, callerLimit: 9, callerLimiter: limitTo(0) });
    const key = { ...headers, "Idempotency-Key": '"k"' };
    const body = newUserData();
    await app.request(USERS, send("POST", body, key));
    const answers: [Response, string[]][] = [
      [
        await app.request(`${USERS}/id/${user.id}`, { headers }),
        ["ETag", "X-Request-ID", "X-Version-Id", "RateLimit-Policy"],
      ],
      [await app.request(USERS, send("POST", body, key)), ["Location", "ETag", "Idempotent-Replayed"]],
      [await app.request(`${USERS}?limit=1`, { headers }), ["Link"]],
      [await limited.request(USERS, { headers }), ["Retry-After", "RateLimit", "RateLimit-Policy"]],
      [await open(LIST, { apiKey: "k" }).request(USERS, { headers }), ["WWW-Authenticate"]],
    ];
    for (const [response, names] of answers) {
      for (const name of names) {
        expect(response.headers.has(name), `${response.status} ${name}`).toBe(true);
        expect(exposedBy(response), `${response.status} ${name}`).toContain(name);
      }
    }
  });

  test("is told all the same who may store a user", async ({ expect }) => {
    const app = open(LIST, { users: createFakeUserRepository([user]) });
    const response = await app.request(`${USERS}/id/${user.id}`, { headers });
    expect(varyOf(response)).toEqual(["Origin", "Accept", "Authorization", "X-API-Key"]);
  });
});
