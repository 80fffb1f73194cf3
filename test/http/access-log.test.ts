import { describe, test } from "vitest";

import { forEachCall } from "../support/call-context.ts";
import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { createRecordedApp, sha256Hex } from "../support/http-fakes.ts";
import { send, USERS } from "../support/http-messages.ts";
import { PRIVATE_WORD, requestOf, SCENARIOS, type Scenario } from "../support/http-scenarios.ts";
import { documentedFields } from "../support/log-schema.ts";
import { createTestApp, type LoggedEvent } from "../support/test-app.ts";

const PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

const QUERY_MS = 12;

/** Written by the logger, and the error, which is there from 500 on. */
const OF_EVERY_EVENT: ReadonlySet<string> = new Set([
  "timestamp",
  "level",
  "event",
  "version_id",
  "version_tag",
  "truncated",
  "error",
  // Where flags were asked: test/http/feature-flags.test.ts.
  "flags",
]);

function onlyEvent(events: readonly LoggedEvent[]): LoggedEvent {
  const [event] = events;
  if (event === undefined || events.length > 1) throw new Error(`${events.length} events: ${JSON.stringify(events)}`);
  return event;
}

const levelOf = (status: number) => (status >= 500 ? "error" : status >= 400 ? "warn" : "info");

describe.for(SCENARIOS)("the log of $name", (scenario) => {
  test("is one event that tells what happened, by route template and status class", async ({ expect }) => {
    const options = scenario.options();
    const queries: number[] = [];
    const users = forEachCall(options.users ?? createFakeUserRepository(), (context) => {
      queries.push(QUERY_MS);
      context.countQuery(QUERY_MS);
    });
    const app = createTestApp({ ...options, users });
    const headers = { "X-Request-ID": "req-7", traceparent: PARENT, "User-Agent": "tests/1.0" };
    const response = await app.request(scenario.path, requestOf(scenario, headers));
    const { level, event, fields } = onlyEvent(app.events);
    expect({ level, event }).toEqual({ level: levelOf(scenario.status), event: "request" });
    expect(fields).toMatchObject({
      request_id: "req-7",
      trace_id: PARENT.split("-")[1],
      span_id: response.headers.get("traceparent")?.split("-")[2],
      method: scenario.method,
      route: scenario.route,
      status: scenario.status,
      db_ms: queries.length * QUERY_MS,
      db_round_trips: queries.length,
      caller: scenario.caller,
      problem: scenario.code,
      user_agent: "tests/1.0",
      sample_rate: 1,
    });
    expect(Object.keys(fields).filter((name) => name !== "error")).toEqual(
      documentedFields("request").filter((name) => !OF_EVERY_EVENT.has(name)),
    );
    expect(fields["duration_ms"]).toBeTypeOf("number");
  });

  test("holds no personal data, no key and nothing of the body, the query or the raw path", async ({ expect }) => {
    const { request, events } = createTestApp(scenario.options());
    const headers = {
      "X-Forwarded-For": "203.0.113.9",
      "CF-Connecting-IP": "203.0.113.9",
      Authorization: "Bearer pii",
      Cookie: "pii=1",
    };
    expect((await request(scenario.path, requestOf(scenario, headers))).status).toBe(scenario.status);
    const line = JSON.stringify(onlyEvent(events));
    expect(line.toLowerCase()).not.toContain(PRIVATE_WORD);
    expect(line).not.toContain("203.0.113.9");
    const segments = scenario.path.split(/[/?]/);
    const values = (scenario.route ?? "")
      .split("/")
      .flatMap((name, at) => (name.startsWith(":") ? [segments[at]] : []));
    if (scenario.code !== "route-not-found") for (const value of values) expect(line).not.toContain(value);
  });
});

/** Nothing was tried, so nothing failed: the code says it all. */
const wasRefused = ({ code }: Scenario): boolean => code === "overloaded";

describe("the log", () => {
  test("names the caller by the id of the key, never by the key", async ({ expect }) => {
    const entries = [{ id: "billing", sha256: await sha256Hex("a very secret key"), scopes: ["users:read"] as const }];
    const { request, events } = createTestApp({ entries });
    await request(USERS, { headers: { "X-API-Key": "a very secret key" } });
    await request(USERS, send("POST", {}, { "X-API-Key": "a very secret key" }));
    expect(events.map(({ fields }) => [fields["caller"], fields["problem"]])).toEqual([
      ["billing", null],
      ["billing", "insufficient-scope"],
    ]);
    expect(JSON.stringify(events)).not.toContain("secret");
  });

  test("calls everybody anonymous when the API is open", async ({ expect }) => {
    const { request, events } = createTestApp();
    await request(USERS);
    expect(onlyEvent(events).fields["caller"]).toBe("anonymous");
  });

  test("has no error for what clients do wrong, and an error with its code for what we do wrong", async ({
    expect,
  }) => {
    for (const scenario of SCENARIOS.filter(({ code }) => code !== null)) {
      const { request, events } = createTestApp(scenario.options());
      await request(scenario.path, requestOf(scenario));
      expect("error" in onlyEvent(events).fields, scenario.name).toBe(scenario.status >= 500 && !wasRefused(scenario));
    }
  });

  test("measures the time of the request", async ({ expect }) => {
    const { request, events } = createTestApp({
      probe: { ping: () => new Promise((resolve) => setTimeout(resolve, 60)), hasMigration: async () => true },
    });
    await request("/ready");
    const duration = onlyEvent(events).fields["duration_ms"];
    expect(duration).toBeGreaterThanOrEqual(50);
    expect(duration).toBeLessThan(5_000);
  });

  test("cuts a user agent that is too long", async ({ expect }) => {
    const { request, events } = createTestApp();
    await request("/health", { headers: { "User-Agent": "x".repeat(10_000) } });
    expect(JSON.stringify(onlyEvent(events)).length).toBeLessThan(2_000);
  });

  test.for([
    ["230b030023ae2822-SJC", "SJC"],
    ["230b030023ae2822", null],
    ["a person's name", null],
    [undefined, null],
  ] as const)("names the data centre of the ray %j: %j", async ([ray, colo], { expect }) => {
    const { request, events } = createTestApp();
    await request("/health", { headers: ray === undefined ? {} : { "CF-Ray": ray } });
    expect(onlyEvent(events).fields["colo"]).toBe(colo);
  });

  test("writes one event for each of many requests at once, each with its own ids", async ({ expect }) => {
    const { request, events } = createRecordedApp();
    const ids = Array.from({ length: 50 }, (_, i) => `req-${i}`);
    await Promise.all(ids.map((id) => request(USERS, { headers: { "X-Request-ID": id } })));
    expect(events.map(({ fields }) => String(fields["request_id"])).toSorted()).toEqual(ids.toSorted());
    expect(new Set(events.map(({ fields }) => fields["span_id"])).size).toBe(ids.length);
  });
});
