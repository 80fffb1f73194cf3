import { afterEach, describe, test, vi } from "vitest";

import { startWorker } from "../../src/worker.ts";
import { readProblem, USERS } from "../support/http-messages.ts";
import { PLATFORM } from "./platform.ts";

const DATABASE_URL = "postgresql://app:s3cr3t-password@ep-1.example.test/users";
const URL_OF_USERS = `https://users.test${USERS}`;

/** A secret of a store, which counts how often it is read. */
function stored(read: () => string | Promise<string>) {
  const secret = {
    reads: 0,
    async get() {
      secret.reads += 1;
      return await read();
    },
  };
  return secret;
}

function start(bindings: Readonly<Record<string, unknown>>) {
  const log = { error: [] as string[], warn: [] as string[] };
  vi.spyOn(console, "error").mockImplementation((line: unknown) => void log.error.push(String(line)));
  vi.spyOn(console, "warn").mockImplementation((line: unknown) => void log.warn.push(String(line)));
  vi.spyOn(console, "info").mockImplementation(() => {});
  const worker = startWorker({ ...PLATFORM, ...bindings });
  const ask = async (headers: Record<string, string> = {}, url = URL_OF_USERS) =>
    await worker.fetch(new Request(url, { headers }));
  const findings = () =>
    log.error.map((line) => JSON.parse(line)).filter(({ event }) => event === "invalid_configuration");
  return { worker, ask, log, findings };
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a Worker whose secrets are in a Secrets Store", () => {
  test("reads each once, with its first request, and serves with it", async ({ expect }) => {
    const key = stored(() => "the-key");
    const url = stored(() => DATABASE_URL);
    const { ask } = start({ ENVIRONMENT: "production", DATABASE_URL: url, API_KEY: key });
    expect([url.reads, key.reads]).toEqual([0, 0]);
    expect((await ask()).status).toBe(401);
    expect((await ask({ "X-API-Key": "wrong" })).status).toBe(403);
    expect((await ask({}, "https://users.test/health")).status).toBe(200);
    expect([url.reads, key.reads]).toEqual([1, 1]);
  });

  test("takes texts and stored secrets side by side", async ({ expect }) => {
    const { ask } = start({ ENVIRONMENT: "production", DATABASE_URL, API_KEY: stored(() => "the-key") });
    expect((await ask({ "X-API-Key": "wrong" })).status).toBe(403);
  });

  test("is built once, however many requests come first", async ({ expect }) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { ask } = start({ ENVIRONMENT: "production", DATABASE_URL: stored(() => promise), API_KEY: "the-key" });
    const answers = [ask(), ask(), ask()];
    resolve(DATABASE_URL);
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([401, 401, 401]);
  });

  test("that cannot be read refuses, names them and no value, and tries again after a while", async ({ expect }) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    let isDown = true;
    const url = stored(() => {
      if (isDown) throw new Error("s3cr3t store says no");
      return DATABASE_URL;
    });
    const { ask, findings, log } = start({ ENVIRONMENT: "production", DATABASE_URL: url, API_KEY: "the-key" });
    expect(await readProblem(await ask())).toMatchObject({ code: "internal-error", status: 500 });
    expect((await ask({}, "https://users.test/ready")).status).toBe(503);
    expect(url.reads).toBe(1);
    expect(findings().map(({ error }) => error.message)).toEqual([
      "Invalid configuration: DATABASE_URL cannot be read from its Secrets Store",
    ]);
    expect(log.error.join()).not.toContain("s3cr3t");
    isDown = false;
    vi.advanceTimersByTime(1_000);
    expect((await ask()).status).toBe(401);
  });

  test("with a wrong value is as clear as with one of its own", async ({ expect }) => {
    const { ask, findings } = start({ ENVIRONMENT: "production", DATABASE_URL: stored(() => "s3cr3t") });
    expect(await readProblem(await ask())).toMatchObject({ status: 500 });
    await ask();
    expect(findings()).toHaveLength(1);
    const [{ error }] = findings();
    expect(error.message).toMatch(
      /DATABASE_URL must look like postgresql:.*; API_KEY, API_KEYS or JWKS_URL is missing/,
    );
    expect(error.message).not.toContain("s3cr3t");
  });

  test("tells a developer what to do", async ({ expect }) => {
    const { ask } = start({ DATABASE_URL: stored(() => Promise.reject(new Error("no"))) });
    expect((await readProblem(await ask())).detail).toMatch(/DATABASE_URL cannot be read from its Secrets Store/);
  });

  test("runs its cron trigger with them, and fails it without", async ({ expect }) => {
    vi.stubGlobal("fetch", async () => Response.json({ fields: [], rows: [], command: "DELETE", rowCount: 0 }));
    const { worker } = start({
      ENVIRONMENT: "production",
      DATABASE_URL: stored(() => Promise.reject(new Error("no"))),
    });
    await expect(worker.scheduled()).rejects.toThrow("DATABASE_URL cannot be read");
    vi.unstubAllGlobals();
  });
});
