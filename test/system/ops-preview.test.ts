import http from "node:http";
import { text } from "node:stream/consumers";

import { afterAll, beforeAll, describe, test } from "vitest";

import { type FakeGithub, githubVariables, startFakeGithub } from "../support/fake-github.ts";
import { type OpsStack, startOpsStack } from "../support/ops-stack.ts";

const PREVIEW = "ops/preview/main.ts";
const KEY = "uk_canary-of-the-preview-key";
/** A deployment, uploads and smoke tests, on a machine that may be busy. */
const SLOW = { timeout: 300_000 };

let stack: OpsStack;
let github: FakeGithub;

beforeAll(async () => {
  stack = await startOpsStack();
  github = await startFakeGithub();
  const { code, output } = await stack.run("ops/setup/main.ts", [
    "--yes",
    "--only",
    "staging",
    "--store",
    "print",
    "--print-secrets",
  ]);
  if (code !== 0) throw new Error(output);
});

afterAll(async () => {
  await github?.close();
  await stack?.stop();
});

const run = (...args: string[]) =>
  stack.run(PREVIEW, args, { ...githubVariables(github), PREVIEW_API_KEY: KEY, PREVIEW_COMMIT: "0123456789abcdef" });

/** Asks a version by its host, through the emulator's proxy. */
async function ask(url: string, path: string, headers: Record<string, string> = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const { host } = new URL(url);
  http.get(`${stack.cloudflare.proxyUrl}${path}`, { headers: { host, ...headers } }, resolve).once("error", reject);
  const response = await promise;
  return { status: response.statusCode, version: response.headers["x-version-id"], body: await text(response) };
}

const branchNames = () => stack.neon.projects[0]?.branches.map(({ name }) => name);
const addressOf = (pullRequest: number) =>
  `https://pr-${pullRequest}-users-api-preview.${stack.cloudflare.subdomain}.workers.dev`;
const commentOf = (pullRequest: number) => github.comments.get(pullRequest)?.map(({ body }) => body) ?? [];

describe("the preview of a pull request, with wrangler, workerd and PostgreSQL", () => {
  test(
    "has a database, an address and a comment of its own; nothing of it is public but the address",
    SLOW,
    async ({ expect }) => {
      const { code, output } = await run("up", "--pull-request", "7");
      expect(code, output).toBe(0);
      expect(output).toContain("0 failed");
      expect(branchNames()).toEqual(["production", "staging", "preview/pr-7"]);
      expect(commentOf(7)).toEqual([expect.stringContaining(addressOf(7))]);
      expect(commentOf(7)[0]).toContain("of 01234567");
      expect((await ask(addressOf(7), "/health/startup")).body).toContain('"migrations":"healthy"');
      expect((await ask(addressOf(7), "/api/v1/users")).status).toBe(401);
      expect((await ask(addressOf(7), "/api/v1/users", { "x-api-key": KEY })).status).toBe(200);
      const live = addressOf(7).replace("pr-7-", "");
      expect((await ask(live, "/health")).status).toBeGreaterThanOrEqual(400);
      const passwords = stack.neon.projects.flatMap(({ branches }) =>
        branches.flatMap(({ roles }) => roles.map((role) => role.password)),
      );
      for (const secret of [KEY, stack.neon.apiKey, stack.cloudflare.apiToken, "postgresql://", ...passwords]) {
        expect(`${output}${commentOf(7).join("")}`).not.toContain(secret);
      }
    },
  );

  test(
    "the next push is another version at the same address, with the same database and comment",
    SLOW,
    async ({ expect }) => {
      const before = await ask(addressOf(7), "/health");
      await run("up", "--pull-request", "8");
      const { code, output } = await run("up", "--pull-request", "7");
      expect(code, output).toBe(0);
      expect(output).toContain("preview/pr-7 is there already");
      const after = await ask(addressOf(7), "/health");
      expect(after.version).not.toBe(before.version);
      expect((await ask(addressOf(8), "/health")).version).not.toBe(after.version);
      expect(commentOf(7)).toEqual([expect.stringContaining(String(after.version))]);
      expect(branchNames()).toEqual(["production", "staging", "preview/pr-7", "preview/pr-8"]);
    },
  );

  test("a failure is told to the pull request, without its cause", SLOW, async ({ expect }) => {
    stack.cloudflare.faults.add({ method: "POST", path: "/versions", status: 500, message: "canary-cause" });
    const { code, output } = await run("up", "--pull-request", "7");
    stack.cloudflare.faults.clear();
    expect(code).toBe(1);
    expect(output).toContain("wrangler versions upload failed");
    expect(commentOf(7)).toEqual([expect.stringContaining("failed: see the log")]);
    expect(commentOf(7)[0]).not.toContain("canary-cause");
  });

  test("closed, it is gone, as often as it is asked for; the sweep takes what was missed", SLOW, async ({ expect }) => {
    for (const _ of [1, 2]) expect((await run("down", "--pull-request", "7")).code).toBe(0);
    expect(branchNames()).toEqual(["production", "staging", "preview/pr-8"]);
    expect(commentOf(7)).toEqual([expect.stringContaining("its database is deleted")]);
    github.open = [8];
    expect((await run("sweep")).output).toContain("0 branches of closed pull requests deleted");
    github.open = [];
    expect((await run("sweep")).code).toBe(0);
    expect(branchNames()).toEqual(["production", "staging"]);
    github.status = 500;
    expect(await run("sweep")).toMatchObject({
      code: 1,
      output: expect.stringContaining("GitHub answered GET /pulls with 500"),
    });
    github.status = null;
  });

  test("a fork is told why it has none; missing variables are named", async ({ expect }) => {
    expect(await stack.run(PREVIEW, ["up", "--fork"], { NEON_API_KEY: "" })).toMatchObject({
      code: 0,
      output: expect.stringContaining("from a fork"),
    });
    expect(await stack.run(PREVIEW, ["sweep"])).toMatchObject({
      code: 2,
      output: expect.stringContaining("GITHUB_TOKEN"),
    });
    expect((await stack.run(PREVIEW, ["up", "--help"])).code).toBe(0);
  });
});
