import { describe, test } from "vitest";

import { PROBLEM_TYPES } from "../../src/http/problem-registry.ts";
import { KNOWN_PATHS } from "../support/http-contract.ts";
import { requestOf, SCENARIOS } from "../support/http-scenarios.ts";
import { createTestApp } from "../support/test-app.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe("the table of scenarios", () => {
  test("has every route", ({ expect }) => {
    const covered = new Set(SCENARIOS.map(({ route }) => route));
    expect(KNOWN_PATHS.filter(({ template }) => !covered.has(template))).toEqual([]);
  });

  test("has every kind of problem but the missing scope, which has its own tests", ({ expect }) => {
    const covered = new Set(SCENARIOS.map(({ code }) => code));
    expect(Object.keys(PROBLEM_TYPES).filter((code) => ![...covered].some((known) => known === code))).toEqual([
      "insufficient-scope",
    ]);
  });
});

describe.for(SCENARIOS)("the response $name", (scenario) => {
  const answer = (headers: Record<string, string> = {}) =>
    createTestApp(scenario.options()).request(scenario.path, requestOf(scenario, headers));

  test("has the status and the security headers of every response", async ({ expect }) => {
    const { status, headers } = await answer();
    expect(status).toBe(scenario.status);
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Strict-Transport-Security")).toMatch(/^max-age=\d{8,}; includeSubDomains$/);
    expect(headers.get("X-Version-Id")).toBe("test-version");
    expect(headers.get("Content-Security-Policy")).toMatch(/^default-src 'none'; /);
    expect(headers.get("Content-Security-Policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("Server")).toBeNull();
    expect(headers.get("X-Powered-By")).toBeNull();
  });

  test("says how it may be cached, and never by others", async ({ expect }) => {
    const { status, headers } = await answer();
    expect(status).toBe(scenario.status);
    expect(headers.get("Cache-Control")).toBe(scenario.cacheControl);
    if (scenario.route?.startsWith("/api/") === true && scenario.cacheControl !== "no-store")
      expect(headers.get("Vary")?.split(", ")).toEqual(
        expect.arrayContaining(["Accept", "Authorization", "X-API-Key"]) as string[],
      );
  });

  test("has a strong tag that no proxy may weaken, or none and says how it may be compressed", async ({ expect }) => {
    const { headers } = await answer();
    const directives = headers.get("Cache-Control")?.split(", ") ?? [];
    const fields = headers.get("Vary")?.split(", ") ?? [];
    expect(headers.get("ETag") ?? '""').toMatch(/^"[^"]*"$/);
    expect(directives.includes("no-transform")).toBe(headers.has("ETag"));
    // What is not stored is not handed to another client either.
    const isShareable = !headers.has("ETag") && !directives.includes("no-store");
    expect(fields.includes("Accept-Encoding")).toBe(isShareable);
  });

  test("echoes a good X-Request-ID and replaces a bad one", async ({ expect }) => {
    const longest = "aZ09._-".padEnd(128, "x");
    for (const id of ["1", longest]) {
      expect((await answer({ "X-Request-ID": id })).headers.get("X-Request-ID")).toBe(id);
    }
    for (const id of ["", `${longest}x`, "two words", "a,b", "a/b", "<script>"]) {
      expect((await answer({ "X-Request-ID": id })).headers.get("X-Request-ID"), id).toMatch(UUID);
    }
  });

  test("continues a good traceparent", async ({ expect }) => {
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const parent = "00f067aa0ba902b7";
    for (const flags of ["00", "01"]) {
      const { headers } = await answer({ traceparent: `00-${traceId}-${parent}-${flags}` });
      expect(headers.get("traceparent")).toMatch(new RegExp(`^00-${traceId}-(?!${parent})[0-9a-f]{16}-${flags}$`));
    }
  });

  test("gives a good tracestate back with the trace it belongs to, and never to the next one", async ({ expect }) => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const { request } = createTestApp(scenario.options());
    const stateFor = async (headers: Record<string, string>) =>
      (await request(scenario.path, requestOf(scenario, headers))).headers.get("tracestate");
    expect(await stateFor({ traceparent, tracestate: "vendor=1 ,, other=a b" })).toBe("vendor=1,other=a b");
    expect(await stateFor({ traceparent })).toBeNull();
    expect(await stateFor({ traceparent: "nonsense", tracestate: "vendor=1" })).toBeNull();
    expect(await stateFor({ tracestate: "vendor=1" })).toBeNull();
    expect(await stateFor({ traceparent, tracestate: "vendor=1,vendor=2" })).toBeNull();
  });

  test("lets no other origin read it", async ({ expect }) => {
    const { headers } = await answer({ Origin: "https://elsewhere.example" });
    expect([...headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
  });
});

describe("a traceparent is not continued when it", () => {
  const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  test.for([
    ["is missing", undefined],
    ["is empty", ""],
    ["is nonsense", "nonsense"],
    ["has a trace id of zeros", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`],
    ["has a parent of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["is in upper case", `00-${TRACE.toUpperCase()}-00F067AA0BA902B7-01`],
    ["has the forbidden version", `ff-${TRACE}-00f067aa0ba902b7-01`],
    ["is longer than its version allows", `00-${TRACE}-00f067aa0ba902b7-01-more`],
    ["is cut", `00-${TRACE}-00f067aa0ba902b7`],
    ["comes twice", `00-${TRACE}-00f067aa0ba902b7-01, 00-${TRACE}-00f067aa0ba902b7-01`],
  ] as const)("%s: a new trace starts, unsampled", async ([, traceparent], { expect }) => {
    const headers = traceparent === undefined ? {} : { traceparent };
    const returned = (await createTestApp().request("/health", { headers })).headers.get("traceparent");
    expect(returned).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(returned).not.toContain(TRACE);
  });

  test("is of a later version, whose further fields are left out", async ({ expect }) => {
    const headers = { traceparent: `01-${TRACE}-00f067aa0ba902b7-01-more` };
    const returned = (await createTestApp().request("/health", { headers })).headers.get("traceparent");
    expect(returned).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
  });
});

test("requests without ids of their own get different ones", async ({ expect }) => {
  const { request } = createTestApp();
  const [first, second] = [await request("/health"), await request("/health")];
  for (const name of ["X-Request-ID", "traceparent"]) {
    expect(first.headers.get(name)).not.toBe(second.headers.get(name));
  }
});
