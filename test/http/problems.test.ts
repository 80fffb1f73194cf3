import { describe, test } from "vitest";

import { isProblemCode, PROBLEM_TYPES } from "../../src/http/problem-registry.ts";
import { AppError } from "../../src/models/errors.ts";
import { ABSENT_ID, USER_OPERATIONS } from "../support/http-contract.ts";
import { failingUsers } from "../support/http-fakes.ts";
import { newUserData, readProblem, send, USERS } from "../support/http-messages.ts";
import { requestOf, SCENARIOS } from "../support/http-scenarios.ts";
import { createTestApp } from "../support/test-app.ts";

const PROBLEM_SCENARIOS = SCENARIOS.filter(({ code, method }) => code !== null && method !== "HEAD");

describe.for(PROBLEM_SCENARIOS)("the problem $name", (scenario) => {
  test("has every member, and they agree with the response and the registry", async ({ expect }) => {
    const { request } = createTestApp(scenario.options());
    const problem = await readProblem(await request(scenario.path, requestOf(scenario, { "X-Request-ID": "req-7" })));
    expect(problem).toMatchObject({
      type: `/problems/${scenario.code}`,
      title: PROBLEM_TYPES[problem.code].title,
      status: scenario.status,
      instance: scenario.path.split("?")[0],
      request_id: "req-7",
    });
    const namesInputs = scenario.code === "validation-failed" || scenario.code === "webhook-url-refused";
    expect(problem.errors !== undefined).toBe(namesInputs);
    expect(problem["violated-policies"] !== undefined).toBe(scenario.code === "quota-exceeded");
  });

  test("has a type that resolves to a page", async ({ expect }) => {
    const { request } = createTestApp(scenario.options());
    const { type } = await readProblem(await request(scenario.path, requestOf(scenario)));
    expect((await request(type)).status).toBe(200);
  });

  test("says when to come back exactly when coming back helps", async ({ expect }) => {
    const { request } = createTestApp(scenario.options());
    const response = await request(scenario.path, requestOf(scenario));
    const retryAfter = response.headers.get("Retry-After");
    // What may have been done is not to be repeated before somebody has looked.
    const isUnknown = scenario.code === "outcome-unknown";
    const helps = ([429, 503].includes(scenario.status) && !isUnknown) || scenario.code === "idempotency-key-in-use";
    if (helps) expect(retryAfter).toMatch(/^[1-9]\d*$/);
    else expect(retryAfter).toBeNull();
  });
});

describe("the page of a problem", () => {
  test.for(Object.entries(PROBLEM_TYPES))(
    "%s is HTML with its title, meaning and remedy",
    async ([code, type], { expect }) => {
      const response = await createTestApp().request(`/problems/${code}`);
      expect(response.status).toBe(200);
      expect(response.headers.get("Content-Type")).toMatch(/^text\/html; ?charset=utf-8$/i);
      const page = await response.text();
      expect(page).toMatch(/^<!doctype html>/);
      expect(page).toContain(`<title>${type.title}</title>`);
      expect(page).toContain(`<h1>${type.title}</h1>`);
      for (const text of [type.detail, type.remedy]) {
        expect(page).toContain(text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("'", "&#39;"));
      }
      expect(page).toContain(String(type.status));
    },
  );

  test("may load nothing but the style and the icon of our own origin", async ({ expect }) => {
    const response = await createTestApp().request("/problems/user-not-found");
    const policy = response.headers.get("Content-Security-Policy");
    expect(policy).toMatch(/^default-src 'none'; style-src 'self'; img-src 'self'; /);
    expect(policy).not.toMatch(/script-src|unsafe|https?:|\*/);
    expect(await response.text()).not.toMatch(/<script|<style|style=|https?:\/\//);
  });

  test.for(["nonsense", "constructor", "__proto__", "%00", "user-not-found%20", "%3Cscript%3E"])(
    "%s does not exist: 404",
    async (code, { expect }) => {
      expect(await readProblem(await createTestApp().request(`/problems/${code}`))).toMatchObject({
        code: "route-not-found",
      });
    },
  );

  test("is known by its code only", ({ expect }) => {
    expect(["user-not-found", "toString", ""].map(isProblemCode)).toEqual([true, false, false]);
  });
});

describe("an error that nobody foresaw", () => {
  const SECRET = "secret jdoe@example.com";
  const thrown = () => {
    const cause = new Error(`${SECRET} cause`);
    return new Error(SECRET, { cause });
  };

  test.for(USER_OPERATIONS)(
    "in the operation $name is a 500 that says nothing",
    async ({ method, path }, { expect }) => {
      const { request } = createTestApp({ users: failingUsers(thrown()) });
      const init = method === "POST" || method === "PATCH" ? send(method, newUserData()) : { method };
      const response = await request(path, init);
      expect(await readProblem(response.clone())).toEqual({
        code: "internal-error",
        type: "/problems/internal-error",
        title: "Internal error",
        status: 500,
        detail: "Something went wrong on our side.",
        instance: path,
        request_id: response.headers.get("X-Request-ID"),
        trace_id: response.headers.get("traceparent")?.split("-")[1],
      });
      const everything = `${JSON.stringify(Object.fromEntries(response.headers))} ${await response.text()}`;
      expect(everything).not.toMatch(/secret|jdoe|\.ts|at /);
    },
  );

  test("is logged with its name and place", async ({ expect }) => {
    const { request, events } = createTestApp({ users: failingUsers(new TypeError("boom")) });
    await request(USERS);
    expect(events).toHaveLength(1);
    expect(events[0]?.fields["error"]).toMatchObject({ name: "TypeError" });
    expect(JSON.stringify(events[0]?.fields["error"])).toContain("problems.test.ts");
  });

  test("is logged without its message, which may quote what a user sent", async ({ expect }) => {
    const { request, events } = createTestApp({ users: failingUsers(thrown()) });
    await request(USERS);
    expect(events).toHaveLength(1);
    expect(JSON.stringify(events)).not.toContain("jdoe@example.com");
  });
});

describe("a failure of the database", () => {
  const FAILURES = [
    { code: "database-unavailable", status: 503 },
    { code: "deadline-exceeded", status: 504 },
  ] as const;
  const CASES = USER_OPERATIONS.flatMap((operation) => FAILURES.map((failure) => ({ operation, ...failure })));

  test.for(CASES)("in the operation $operation.name is $status $code and says no more", async (failure, { expect }) => {
    const { operation, code, status } = failure;
    const cause = new Error("connection to ep-secret-1.neon.tech refused");
    const { request } = createTestApp({ users: failingUsers(new AppError(code, { cause })) });
    const takesBody = operation.method === "POST" || operation.method === "PATCH";
    const response = await request(
      operation.path,
      takesBody ? send(operation.method, newUserData()) : { method: operation.method },
    );
    expect(await readProblem(response.clone())).toMatchObject({ code, status, detail: PROBLEM_TYPES[code].detail });
    expect(await response.text()).not.toMatch(/neon|secret|refused|connection/i);
  });

  test("leaves liveness, documents and refusals alone", async ({ expect }) => {
    const { request } = createTestApp({ users: failingUsers(new AppError("database-unavailable")), apiKey: "key" });
    expect((await request("/health")).status).toBe(200);
    expect((await request("/problems/database-unavailable")).status).toBe(200);
    expect((await request(`${USERS}/id/${ABSENT_ID}`)).status).toBe(401);
    expect((await request(`${USERS}/id/nonsense`, { headers: { "X-API-Key": "key" } })).status).toBe(400);
  });
});
