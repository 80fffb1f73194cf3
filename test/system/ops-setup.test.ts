import { readFile } from "node:fs/promises";
import path from "node:path";

import pg from "pg";
import { afterAll, beforeAll, describe, test } from "vitest";

import { waitForOutput } from "../support/long-command.ts";
import { type OpsStack, startOpsStack } from "../support/ops-stack.ts";

const SETUP = "ops/setup/main.ts";
/** Two deployments by the real wrangler, on a machine that may be busy. */
const SLOW = { timeout: 300_000 };

let stack: OpsStack;

beforeAll(async () => {
  stack = await startOpsStack();
});

afterAll(async () => {
  await stack?.stop();
});

const secretsOf = (env: string) => {
  const { CLOUDFLARE_ACCOUNT_ID: _account, RELEASE_URL: _url, ...secrets } = stack.github(env);
  return Object.values(secrets);
};

/** What the deployed Worker answers, at its own port. */
async function ask(worker: string, resource: string, apiKey?: string) {
  const response = await fetch(`${stack.cloudflare.originOf(worker)}${resource}`, {
    headers: apiKey === undefined ? {} : { "X-API-Key": apiKey },
  });
  return { status: response.status, text: await response.text() };
}

describe("npm run setup, with wrangler, workerd and PostgreSQL", () => {
  test("refuses to begin where nobody can agree, and says what is missing", async ({ expect }) => {
    const alone = await stack.run(SETUP, []);
    expect(alone).toMatchObject({ code: 2, output: expect.stringContaining("Nobody is here to confirm") });
    const poor = await stack.run(SETUP, ["--dry-run"], { NEON_API_KEY: "", CLOUDFLARE_ACCOUNT_ID: "" });
    expect(poor.output).toContain("Missing in the environment: NEON_API_KEY, CLOUDFLARE_ACCOUNT_ID");
    const half = await stack.run(SETUP, ["--dry-run"], { CLOUDFLARE_API_BASE_URL: "" });
    expect(half).toMatchObject({ code: 2, output: expect.stringContaining("must both be emulators, or neither") });
    expect((await stack.run(SETUP, ["--help"])).code).toBe(0);
    expect(stack.neon.calls()).toEqual([]);
  });

  test("docs/setup.md shows the plan for empty accounts as it is", async ({ expect }) => {
    const page = await readFile(path.resolve(import.meta.dirname, "../../docs/setup.md"), "utf8");
    const { code, output } = await stack.run(SETUP, ["--dry-run"]);
    expect(code).toBe(0);
    const plan = output.slice(output.indexOf("  + create"), output.indexOf("Nothing was changed")).trimEnd();
    expect(plan.split("\n").length).toBeGreaterThan(20);
    expect(page).toContain(plan);
  });

  test("a wrong key is told in words", async ({ expect }) => {
    const { code, output } = await stack.run(SETUP, ["--dry-run"], { NEON_API_KEY: "canary-of-a-key" });
    expect(code).toBe(1);
    expect(output).toContain("NEON_API_KEY is not accepted");
    expect(output).not.toContain("canary");
  });

  test("Ctrl-C ends it with 130, and the next run goes on", SLOW, async ({ expect }) => {
    stack.neon.faults.add({ method: "POST", path: "/branches", status: 423, times: 1 });
    const command = stack.start(SETUP, ["--yes", "--only", "staging"]);
    await waitForOutput(command, "asking again in");
    command.child.kill("SIGINT");
    expect(await command.exited).toBe(130);
    expect(command.output()).toContain("goes on from there");
    expect(stack.neon.projects).toHaveLength(1);
  });

  test("the run makes two environments that work; the next one has nothing to do", SLOW, async ({ expect }) => {
    const first = await stack.run(SETUP, ["--yes"]);
    expect(first).toMatchObject({ code: 0, output: expect.stringContaining("Done. Another run has nothing to do.") });
    expect(stack.neon.projects).toHaveLength(1);
    for (const env of ["staging", "production"]) {
      const kept = stack.github(env);
      const worker = `users-api-${env}`;
      expect(kept["RELEASE_URL"]).toBe(`https://${worker}.${stack.cloudflare.subdomain}.workers.dev`);
      expect((await ask(worker, "/health/startup")).text).toContain('"migrations":"healthy"');
      expect((await ask(worker, "/api/v1/users")).status).toBe(401);
      expect((await ask(worker, "/api/v1/users", kept["RELEASE_API_KEYS"])).status).toBe(200);
      expect(new URL(kept["MIGRATION_DATABASE_URL"] ?? "").username).toBe("users_owner");
    }
    const second = await stack.run(SETUP, ["--yes"]);
    expect(second).toMatchObject({ code: 0, output: expect.stringContaining("Nothing to do.") });
    const secrets = [...secretsOf("staging"), ...secretsOf("production"), stack.neon.apiKey];
    expect(secrets).toHaveLength(7);
    for (const secret of secrets) expect(`${first.output}${second.output}${stack.ghCalls()}`).not.toContain(secret);
  });

  test("the Workers log in as the role of least rights", async ({ expect }) => {
    const [production] = stack.neon.projects[0]?.branches ?? [];
    const admin = new URL(stack.databases.adminUrl(production?.id ?? ""));
    admin.pathname = "/users";
    const client = new pg.Client({ connectionString: admin.href });
    await client.connect();
    const { rows } = await client.query(
      "select rolcanlogin, rolcreaterole, pg_has_role(oid, 'neon_superuser', 'member') as is_admin from pg_roles where rolname = 'users_api'",
    );
    await client.end();
    expect(rows).toEqual([{ rolcanlogin: true, rolcreaterole: false, is_admin: false }]);
  });

  test("secrets of a Worker that is there are added as a version that serves nobody", SLOW, async ({ expect }) => {
    const before = stack.cloudflare.calls().length;
    const list = await stack.run(
      "node_modules/wrangler/wrangler-dist/cli.js",
      ["secret", "delete", "CURSOR_SECRET", "--env", "staging"],
      {
        CI: "1",
        PATH: process.env["PATH"] ?? "",
        WRANGLER_SEND_METRICS: "false",
      },
    );
    expect(list.code, list.output).toBe(0);
    const { code, output } = await stack.run(SETUP, ["--yes", "--only", "staging"]);
    expect(code, output).toBe(0);
    expect(output).toContain("CURSOR_SECRET to Cloudflare");
    expect(output).toContain("npm run release -- --env staging");
    const calls = stack.cloudflare.calls().slice(before);
    expect(calls.some(({ method, path: target }) => method === "PATCH" && target.endsWith("/versions/latest"))).toBe(
      true,
    );
  });
});
