import { afterEach, describe, test, vi } from "vitest";

import { CONFIG_VARIABLES } from "../../src/config.ts";
import type { PlatformBindings } from "../../src/platform-bindings.ts";
import { startWorker } from "../../src/worker.ts";
import { newUserData, readJson, readProblem, send, USERS } from "../support/http-messages.ts";
import { inTime } from "../support/in-time.ts";
import { responseContract } from "../support/response-contract.ts";
import { PLATFORM } from "./platform.ts";

const DATABASE_URL = "postgresql://app:s3cr3t-password@ep-1.example.test/users";

const SILENT_LIMITER = { limit: () => new Promise<never>(() => {}) };

function start(variables: Readonly<Record<string, string>>, platform: Partial<PlatformBindings> = {}) {
  const log = { error: [] as string[], warn: [] as string[], info: [] as string[] };
  vi.spyOn(console, "error").mockImplementation((line: unknown) => void log.error.push(String(line)));
  vi.spyOn(console, "warn").mockImplementation((line: unknown) => void log.warn.push(String(line)));
  vi.spyOn(console, "info").mockImplementation((line: unknown) => void log.info.push(String(line)));
  const bindings = { ...PLATFORM, ...platform, ...variables };
  const worker = startWorker(bindings);
  const ask = async (path: string, init?: RequestInit) => {
    const url = new URL(path, "https://users.test");
    const response = await worker.fetch(new Request(url, init));
    await responseContract.check({ method: init?.method ?? "GET", url, response });
    return response;
  };
  return { worker, ask, log };
}

/** Answers like a connection that was accepted and then never used; ends only when it is aborted. */
const hang = (_: unknown, init?: RequestInit) =>
  new Promise<Response>((_resolve, reject) => {
    init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
  });

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const WRONG = [
  { variable: "DATABASE_URL", variables: {} },
  { variable: "DATABASE_URL", variables: { DATABASE_URL: "s3cr3t-nonsense" } },
  { variable: "DATABASE_URL", variables: { DATABASE_URL: "mysql://app:s3cr3t@host/users" } },
  {
    variable: "DATABASE_URL",
    variables: { DATABASE_URL: DATABASE_URL.replace("ep-1.example.test", "256.256.256.256") },
  },
  { variable: "DATABASE_FETCH_ENDPOINT", variables: { DATABASE_URL, DATABASE_FETCH_ENDPOINT: "s3cr3t" } },
  { variable: "ENVIRONMENT", variables: { DATABASE_URL, ENVIRONMENT: "s3cr3t" } },
  { variable: "API_KEY", variables: { DATABASE_URL, ENVIRONMENT: "production" } },
  { variable: "API_KEY", variables: { DATABASE_URL, ENVIRONMENT: "staging", API_KEY: "", API_KEYS: "" } },
  { variable: "API_KEY", variables: { DATABASE_URL, API_KEY: "s3cr3t with spaces" } },
  { variable: "API_KEYS", variables: { DATABASE_URL, API_KEYS: "s3cr3t" } },
  {
    variable: "API_KEYS",
    variables: { DATABASE_URL, API_KEYS: '[{"id":"s3cr3t","sha256":"s3cr3t","scopes":["s3cr3t"]}]' },
  },
  { variable: "CURSOR_SECRET", variables: { DATABASE_URL, CURSOR_SECRET: "s3cr3t" } },
  { variable: "LOG_LEVEL", variables: { DATABASE_URL, LOG_LEVEL: "s3cr3t" } },
  { variable: "REQUEST_TIMEOUT_MS", variables: { DATABASE_URL, REQUEST_TIMEOUT_MS: "s3cr3t" } },
  { variable: "READINESS_TIMEOUT_MS", variables: { DATABASE_URL, READINESS_TIMEOUT_MS: "-1" } },
];

describe.for(WRONG)("a Worker that starts with a wrong $variable: $variables", ({ variable, variables }) => {
  test("is alive, not ready, and refuses everything else", async ({ expect }) => {
    const { ask } = start(variables);
    expect((await ask("/health")).status).toBe(200);
    expect((await ask("/ready")).status).toBe(503);
    expect((await ask("/health/startup")).status).toBe(503);
    expect(await readProblem(await ask(USERS))).toMatchObject({ code: "internal-error", status: 500 });
    expect(await readProblem(await ask(USERS, send("POST", newUserData())))).toMatchObject({ status: 500 });
    expect(await readProblem(await ask("/docs"))).toMatchObject({ status: 500 });
  });

  test("logs the variable's name once and no value, and tells clients neither outside development", async ({
    expect,
  }) => {
    const { ask, log } = start({ ENVIRONMENT: "production", ...variables });
    expect(log.error).toHaveLength(1);
    expect(log.error[0]).toMatch(new RegExp(`\\b${variable}\\b`));
    expect(JSON.parse(log.error[0] ?? "")).toMatchObject({ level: "error", event: "invalid_configuration" });
    expect(log.warn).toEqual([]);
    const answers = await Promise.all(["/health", "/ready", "/health/startup", USERS].map((path) => ask(path)));
    const bodies = await Promise.all(answers.map((response) => response.text()));
    expect(bodies.join(" ")).not.toMatch(/[A-Z]{3,}_[A-Z]+|s3cr3t/);
    expect(log.error.join(" ")).not.toContain("s3cr3t");
  });

  test("fails its cron job, so that the platform reports it", async ({ expect }) => {
    const { worker } = start(variables);
    await expect(worker.scheduled()).rejects.toThrow(variable);
  });
});

const WRONG_IN_DEVELOPMENT = WRONG.filter(({ variables }) => !("ENVIRONMENT" in variables));

describe.for(WRONG_IN_DEVELOPMENT)("in development, a wrong $variable: $variables", ({ variable, variables }) => {
  test("tells the variable, and never its value", async ({ expect }) => {
    for (const ENVIRONMENT of ["", "development"]) {
      const { ask, log } = start({ ...variables, ENVIRONMENT });
      const { detail } = await readProblem(await ask(USERS));
      expect(detail).toMatch(new RegExp(`\\b${variable}\\b.*\\.dev\\.vars`));
      await ask(USERS);
      expect(log.warn).toHaveLength(1);
      expect(log.warn[0]).toMatch(new RegExp(`^  ${variable} `, "m"));
      expect(`${detail}${log.warn.join()}${log.error.join()}`).not.toContain("s3cr3t");
    }
  });
});

test("a wrong configuration is reported whole, every variable at once", async ({ expect }) => {
  const { log } = start({ ENVIRONMENT: "production", LOG_LEVEL: "loud", REQUEST_TIMEOUT_MS: "soon" });
  for (const name of ["DATABASE_URL", "LOG_LEVEL", "REQUEST_TIMEOUT_MS", "API_KEY"])
    expect(log.error[0]).toContain(name);
});

test("a Worker without a database says what to do, to whoever develops it", async ({ expect }) => {
  const { ask, log } = start({});
  const { detail } = await readProblem(await ask(USERS));
  expect(detail).toMatch(/DATABASE_URL is missing.*`npm start`.*DATABASE_URL=postgresql:\S+ into \.dev\.vars/);
  expect(log.warn[0]).toMatch(
    /npm start[^]*\.dev\.vars[^]*^ {2}DATABASE_URL=postgresql:\/\/USER:PASSWORD@HOST\/DATABASE$/m,
  );
});

test("a Worker of which everything is wrong names what an answer has room for, and all on the console", async ({
  expect,
}) => {
  const wrong = Object.fromEntries(
    CONFIG_VARIABLES.filter((name) => name !== "ENVIRONMENT").map((name) => [name, " "]),
  );
  const { ask, log } = start(wrong);
  const { detail } = await readProblem(await ask(USERS));
  expect(detail).toMatch(/^The configuration of this Worker is not valid: DATABASE_URL .* and \d+ more/);
  const refused = CONFIG_VARIABLES.filter((name) => new RegExp(`^  ${name} `, "m").test(log.warn[0] ?? ""));
  expect(refused).toContain("LOG_LEVEL");
  expect(refused.length).toBeGreaterThan(8);
});

test("a misconfigured version says which version it is, so that a release can tell", async ({ expect }) => {
  const { ask, log } = start({ ENVIRONMENT: "production" });
  expect((await ask("/health")).headers.get("X-Version-Id")).toBe("v-77");
  expect(JSON.parse(log.error[0] ?? "")).toMatchObject({ version_id: "v-77" });
});

describe("a Worker with a valid configuration", () => {
  test("answers with its version's id, which is local in development", async ({ expect }) => {
    const production = start({ DATABASE_URL, ENVIRONMENT: "production", API_KEY: "key" });
    expect((await production.ask("/health")).headers.get("X-Version-Id")).toBe("v-77");
    const development = start({ DATABASE_URL });
    expect((await development.ask("/health")).headers.get("X-Version-Id")).toBe("local");
  });

  test("logs requests as lines of JSON with the version", async ({ expect }) => {
    const { ask, log } = start({ DATABASE_URL, ENVIRONMENT: "production", API_KEY: "key" });
    await ask("/health");
    expect(log.info.map((line): unknown => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level: "info",
        event: "request",
        route: "/health",
        version_id: "v-77",
        version_tag: "abc1234",
      }),
    ]);
  });

  test("asks for the configured key before it asks the database", async ({ expect }) => {
    const fetchDatabase = vi.fn(hang);
    vi.stubGlobal("fetch", fetchDatabase);
    const { ask } = start({ DATABASE_URL, ENVIRONMENT: "production", API_KEY: "key" });
    expect((await ask(USERS)).status).toBe(401);
    expect((await ask(USERS, { headers: { "X-API-Key": "wrong" } })).status).toBe(403);
    expect(fetchDatabase).not.toHaveBeenCalled();
  });

  test("is 503 and not ready when the database cannot be reached, and logs no password", async ({ expect }) => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("network connection lost");
    });
    const { ask, log } = start({ DATABASE_URL });
    expect(await readProblem(await ask(USERS))).toMatchObject({ code: "database-unavailable", status: 503 });
    const ready = await ask("/ready");
    expect(ready.status).toBe(503);
    expect(await readJson(ready)).toMatchObject({ status: "not_ready", checks: { database: "unhealthy" } });
    expect((await ask("/health")).status).toBe(200);
    expect(log.error.join(" ")).not.toMatch(/s3cr3t/);
  });

  test("bounds readiness by its own time, shorter than that of a request", async ({ expect }) => {
    vi.stubGlobal("fetch", hang);
    const { ask } = start({ DATABASE_URL, READINESS_TIMEOUT_MS: "50", REQUEST_TIMEOUT_MS: "60000" });
    for (const path of ["/ready", "/health/ready", "/health/startup"]) {
      expect((await inTime(2_000, ask(path))).status).toBe(503);
    }
  });

  test("gives up on a rate limiter that never answers at the deadline, and says so in the log", async ({ expect }) => {
    const variables = { DATABASE_URL, ENVIRONMENT: "production", API_KEY: "key", REQUEST_TIMEOUT_MS: "50" };
    const limiters = { CALLER_RATE_LIMITER: SILENT_LIMITER, AUTH_FAILURE_RATE_LIMITER: SILENT_LIMITER };
    const { ask, log } = start(variables, limiters);
    expect((await ask(USERS)).status).toBe(401);
    const known = await ask(USERS, { headers: { "X-API-Key": "key" } });
    expect(await readProblem(known)).toMatchObject({ code: "deadline-exceeded", status: 504 });
    expect(log.error.filter((line) => line.includes("rate_limiter_failed"))).toHaveLength(2);
  });

  test("gives up on a database that never answers at the deadline: 504", async ({ expect }) => {
    vi.stubGlobal("fetch", hang);
    const { ask } = start({ DATABASE_URL, REQUEST_TIMEOUT_MS: "50" });
    for (const init of [{}, send("POST", newUserData())]) {
      expect(await readProblem(await inTime(2_000, ask(USERS, init)))).toMatchObject({
        code: "deadline-exceeded",
        status: 504,
      });
    }
  });
});
