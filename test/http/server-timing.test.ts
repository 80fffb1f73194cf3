import { describe, test } from "vitest";

import { forEachCall } from "../support/call-context.ts";
import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { send, USERS } from "../support/http-messages.ts";
import { requestOf, SCENARIOS, type Scenario } from "../support/http-scenarios.ts";
import { createTestApp, type TestAppOptions } from "../support/test-app.ts";

const APP = "https://app.example";
const TIMING = /^db;dur=\d+(?:\.\d+)?, total;dur=\d+(?:\.\d+)?$/;

/** Asks with the ids that differ from answer to answer, and gives the headers without them. */
async function headersOf(scenario: Scenario, options: TestAppOptions, headers: Record<string, string> = {}) {
  const { request } = createTestApp({ ...scenario.options(), ...options });
  const response = await request(scenario.path, requestOf(scenario, { "X-Request-ID": "req-7", ...headers }));
  const names = new Map(response.headers);
  const traceparent = names.get("traceparent")?.replace(/-[0-9a-f]{32}-[0-9a-f]{16}-/, "-") ?? "";
  // Whoever is created has an id that nobody has had before.
  const created = scenario.status === 201 ? [["etag", ""] as const, ["location", ""] as const] : [];
  return new Map([...names, ["traceparent", traceparent], ...created]);
}

describe.for(SCENARIOS)("the response $name", (scenario) => {
  test("tells how long it took, where that is on", async ({ expect }) => {
    const headers = await headersOf(scenario, { tellsTiming: true });
    expect(headers.get("server-timing")).toMatch(TIMING);
    expect(headers.has("timing-allow-origin")).toBe(false);
  });

  test.for([{}, { Origin: APP }])("is the same without it in every other header, from %j", async (from, { expect }) => {
    const off = await headersOf(scenario, { corsOrigins: [APP] }, from);
    const on = await headersOf(scenario, { corsOrigins: [APP], tellsTiming: true }, from);
    const isForeign = "Origin" in from;
    expect(off.has("server-timing") || off.has("timing-allow-origin")).toBe(false);
    const exposed = off.get("access-control-expose-headers");
    const added: [string, string][] = isForeign
      ? [
          ["timing-allow-origin", APP],
          ["access-control-expose-headers", `${exposed}, Server-Timing`],
        ]
      : [];
    const timing = on.get("server-timing") ?? "";
    expect(Object.fromEntries(on)).toEqual(Object.fromEntries([...off, ...added, ["server-timing", timing]]));
  });
});

describe("Server-Timing", () => {
  test("has the milliseconds of all round trips, and of the whole request", async ({ expect }) => {
    let now = 1_000;
    const users = forEachCall(createFakeUserRepository(), (context) => {
      now += 12.5;
      context.countQuery(12.5);
    });
    const { request } = createTestApp({ users, tellsTiming: true, clock: () => (now += 1) });
    const { headers } = await request(USERS);
    expect(headers.get("Server-Timing")).toBe("db;dur=12.5, total;dur=13.5");
  });

  test("is each answer's own, never that of one before", async ({ expect }) => {
    let now = 0;
    const { request } = createTestApp({ tellsTiming: true, clock: () => (now += 7) });
    const [first, second] = [await request("/health"), await request("/health")];
    expect(first.headers.get("Server-Timing")).toBe("db;dur=0, total;dur=7");
    expect(second.headers.get("Server-Timing")).toBe("db;dur=0, total;dur=7");
  });

  test("is nobody's to read from an origin that is not listed", async ({ expect }) => {
    const { request } = createTestApp({ tellsTiming: true, corsOrigins: [APP] });
    for (const origin of ["https://elsewhere.example", "null"]) {
      const { headers } = await request("/health", { headers: { Origin: origin } });
      expect(headers.has("Timing-Allow-Origin")).toBe(false);
      expect(headers.has("Access-Control-Expose-Headers")).toBe(false);
    }
  });

  test("is everybody's to read where all origins are", async ({ expect }) => {
    const { request } = createTestApp({ tellsTiming: true, corsOrigins: "*" });
    const { headers } = await request("/health", { headers: { Origin: APP } });
    expect(headers.get("Timing-Allow-Origin")).toBe("*");
  });

  test("of a refused creation is there too", async ({ expect }) => {
    const { request } = createTestApp({ tellsTiming: true });
    const { status, headers } = await request(USERS, send("POST", { username: "x" }));
    expect(status).toBe(400);
    expect(headers.get("Server-Timing")).toMatch(TIMING);
  });
});
