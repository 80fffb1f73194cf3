import { describe, test } from "vitest";

import { createMisconfiguredApp } from "../../src/http/misconfigured.ts";
import { PROBLEM_TYPES } from "../../src/http/problem-registry.ts";
import type { LogFields, Logger } from "../../src/observability/logger.ts";
import { startDeadline } from "../../src/resilience/deadline.ts";
import { KNOWN_PATHS, METHODS } from "../support/http-contract.ts";
import { readJson, readProblem } from "../support/http-messages.ts";

const PROBES = ["/health", "/health/live", "/ready", "/health/ready", "/health/startup"];
const OTHER_PATHS = [
  ...KNOWN_PATHS.map(({ path }) => path).filter((path) => !PROBES.includes(path)),
  "/nowhere",
  "/%00",
  "//",
];

const ask = async (
  path: string,
  init?: RequestInit,
  { logger = { log: () => {} }, detail = null }: { logger?: Logger; detail?: string | null } = {},
) =>
  await createMisconfiguredApp({
    detail,
    versionId: "v-1",
    logger,
    clock: Date.now,
    startDeadline: () => startDeadline(1_000),
  }).fetch(new Request(`https://users.test${path}`, init));

test("an app without a valid configuration logs every request too", async ({ expect }) => {
  const events: LogFields[] = [];
  await ask("/api/v1/users", {}, { logger: { log: (_level, _event, fields = {}) => void events.push(fields) } });
  expect(events).toMatchObject([{ status: 500, problem: "internal-error", db_round_trips: 0 }]);
});

describe("an app without a valid configuration", () => {
  test.for(["/health", "/health/live"])("is alive at %s", async (path, { expect }) => {
    const response = await ask(path);
    expect(response.status).toBe(200);
    expect(await readJson(response)).toEqual({ status: "ok", timestamp: expect.any(String) });
  });

  test.for([
    ["/ready", "not_ready"],
    ["/health/ready", "not_ready"],
    ["/health/startup", "not_started"],
  ] as const)("is 503 at %s: %s", async ([path, status], { expect }) => {
    const response = await ask(path);
    expect(response.status).toBe(503);
    expect(await readJson(response)).toEqual({
      status,
      timestamp: expect.any(String),
      checks: { configuration: "unhealthy" },
    });
  });

  test.for(OTHER_PATHS)("refuses %s by any method with 500", async (path, { expect }) => {
    for (const method of METHODS) {
      const response = await ask(path, { method });
      expect(response.status).toBe(500);
      if (method === "HEAD") expect(response.body).toBeNull();
      else expect(await readProblem(response)).toMatchObject({ code: "internal-error" });
    }
  });

  test.for(OTHER_PATHS)("says at %s what is wrong only where it may", async (path, { expect }) => {
    const detail = "LOG_LEVEL must be one of debug, info, warn, error.";
    expect(await readProblem(await ask(path, {}, { detail }))).toMatchObject({ code: "internal-error", detail });
    const { detail: usual } = await readProblem(await ask(path));
    expect(usual).toBe(PROBLEM_TYPES["internal-error"].detail);
  });

  test.for(PROBES)("says nothing of it at %s", async (path, { expect }) => {
    const response = await ask(path, {}, { detail: "LOG_LEVEL is wrong." });
    expect(await response.text()).not.toContain("LOG_LEVEL");
  });

  test.for([...PROBES, ...OTHER_PATHS])("answers %s with the headers of every response", async (path, { expect }) => {
    const { headers } = await ask(path, { headers: { "X-Request-ID": "req-7" } });
    expect(headers.get("X-Request-ID")).toBe("req-7");
    expect(headers.get("X-Version-Id")).toBe("v-1");
    expect(headers.get("Cache-Control")).toBe("no-store");
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Strict-Transport-Security")).toMatch(/^max-age=/);
    expect(headers.get("Content-Security-Policy")).toMatch(/^default-src 'none'/);
  });

  test("continues a trace as the real app does", async ({ expect }) => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const { headers } = await ask("/health", { headers: { traceparent } });
    expect(headers.get("traceparent")).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/);
  });
});
