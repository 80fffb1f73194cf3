import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, test } from "vitest";

import { binPath, ROOT } from "../../tools/process/run-script.ts";
import { copyProject, type ProjectCopy } from "../../tools/rehearsal/scenarios/project-copy.ts";
import { COMPILE_CACHE } from "../support/compile-cache.ts";
import { readProblem } from "../support/http-messages.ts";
import { startStack, type Stack } from "../support/stack.ts";
import { startWranglerDev, type WranglerDev } from "../support/wrangler-dev.ts";

const USERS = "/api/v1/users";

let folder = "";
let project: ProjectCopy;
let dev: WranglerDev;
let stack: Stack;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "wrangler-dev-"));
  project = await copyProject(ROOT, path.join(folder, "project"));
  stack = await startStack();
  dev = await startWranglerDev(project.folder, folder);
});

afterAll(async () => {
  await dev.stop();
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (target: string) => fetch(new URL(target, dev.url));
const countOf = (words: RegExp) => dev.output().match(new RegExp(words, "g"))?.length ?? 0;

/** Log events among what wrangler writes around them. */
const events = () =>
  [...dev.output().matchAll(/\{"(?:timestamp|level)":.*\}/g)].map(([line]): Record<string, unknown> =>
    JSON.parse(line),
  );

describe("npx wrangler dev in a fresh clone", () => {
  test("says in its answers what is missing and what to do", async ({ expect }) => {
    for (const target of [USERS, "/", "/docs"]) {
      const problem = await readProblem(await ask(target));
      expect(problem).toMatchObject({ code: "internal-error", status: 500 });
      expect(problem.detail).toMatch(/DATABASE_URL is missing.*`npm start`.*DATABASE_URL=\S+ into \.dev\.vars/);
    }
    expect((await ask("/health")).status).toBe(200);
    expect((await ask("/ready")).status).toBe(503);
  });

  test("says it on the console too, in words, once for all requests", async ({ expect }) => {
    await ask(USERS);
    expect(dev.output()).toMatch(/^ *DATABASE_URL is missing/m);
    expect(dev.output()).toMatch(/^ *npm start runs the API with a database/m);
    expect(dev.output()).toMatch(/^ *DATABASE_URL=postgresql:\/\/USER:PASSWORD@HOST\/DATABASE$/m);
    expect(countOf(/its configuration is not valid/)).toBe(1);
  });

  test("logs what happens while it starts without a time, and the rest with the true one", async ({ expect }) => {
    await expect.poll(() => events().map(({ event }) => event)).toContain("request");
    const [started, ...others] = events();
    expect(started).toMatchObject({ event: "invalid_configuration" });
    expect(started).not.toHaveProperty("timestamp");
    const today = Date.now();
    for (const { timestamp } of others) {
      expect(Math.abs(Date.parse(String(timestamp)) - today)).toBeLessThan(24 * 3_600_000);
    }
  });

  test("serves, started again, once .dev.vars says what it asked for", async ({ expect }) => {
    await dev.stop();
    const { connectionString, url } = stack.gateway;
    project.write(".dev.vars", `DATABASE_URL=${connectionString}\nDATABASE_FETCH_ENDPOINT=${url}\n`);
    dev = await startWranglerDev(project.folder, folder);
    expect((await ask(USERS)).status).toBe(200);
    expect(countOf(/its configuration is not valid|invalid_configuration/)).toBe(0);
  });
});

describe("with a secret in a Secrets Store", () => {
  const STORE = "0123456789abcdef0123456789abcdef";
  const NAME = "users-api-database-url";

  /** In the store that wrangler keeps in the project. */
  const createSecret = (value: string): void => {
    const args = ["secrets-store", "secret", "create", STORE, "--name", NAME, "--value", value, "--scopes", "workers"];
    execFileSync(process.execPath, [binPath("wrangler"), ...args], {
      cwd: project.folder,
      env: { ...COMPILE_CACHE, PATH: process.env["PATH"], HOME: folder, CI: "1", WRANGLER_SEND_METRICS: "false" },
      stdio: "pipe",
    });
  };

  test("says that it cannot be read, and serves as soon as it can", async ({ expect }) => {
    await dev.stop();
    const { connectionString, url } = stack.gateway;
    project.write(".dev.vars", `DATABASE_FETCH_ENDPOINT=${url}\n`);
    project.write(
      "wrangler.toml",
      `${project.read("wrangler.toml")}
[[secrets_store_secrets]]
binding = "DATABASE_URL"
store_id = "${STORE}"
secret_name = "${NAME}"
`,
    );
    dev = await startWranglerDev(project.folder, folder);
    const problem = await readProblem(await ask(USERS));
    expect(problem.detail).toMatch(/DATABASE_URL cannot be read from its Secrets Store/);
    createSecret(connectionString);
    await expect.poll(async () => (await ask(USERS)).status, { timeout: 20_000, interval: 500 }).toBe(200);
    expect(dev.output()).not.toContain(connectionString);
  });
});
