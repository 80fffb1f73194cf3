import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";

import { afterAll, beforeAll, describe, test } from "vitest";

import { type Emulator, startEmulator } from "../../tools/cloudflare-emulator/emulator.ts";
import { findFreePort } from "../../tools/net/listen.ts";
import { end, startAndWait, useDataFolder } from "../support/npm-start.ts";
import { createWranglerProject, type WranglerProject } from "../support/wrangler-cli.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const FLAG = "users-events-stream";
/** Several runs of wrangler, each of which takes seconds, and many beside other work. */
const TIMEOUT_MS = 240_000;

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `npm run flags` runs, without a terminal. */
async function flags(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Outcome> {
  const child = spawn("node", ["tools/run.mjs", "tools/flags/main.ts", ...args], {
    cwd: ROOT,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], TMPDIR: process.env["TMPDIR"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, stdout, stderr };
}

const folder = useDataFolder();

describe("npm run flags --local", { timeout: TIMEOUT_MS }, () => {
  test("sets what npm start serves, while it runs too, and keeps it over a restart", async ({ expect }) => {
    const dataDir = path.join(folder.path, "flags");
    const port = await findFreePort();
    const env = { DATA_DIR: dataDir, PORT: String(port) };
    expect(await flags(["list", "--local"], env)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/users-events-stream {2}on \(default\)/),
    });
    expect(await flags(["set", FLAG, "off", "--local"], env)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${FLAG} is off in npm start`),
    });

    const run = await startAndWait({ dataDir, port });
    const url = `http://127.0.0.1:${port}`;
    const askForStream = async (): Promise<number> => {
      const response = await fetch(`${url}/api/v1/users/events`, { headers: { Accept: "text/event-stream" } });
      await response.body?.cancel();
      return response.status;
    };
    const readState = async (): Promise<unknown> => await (await fetch(`${url}/health/flags`)).json();
    expect(await askForStream()).toBe(406);
    expect(await readState()).toMatchObject({
      file: "loaded",
      flags: [{ name: FLAG, state: "off", is_default: false }],
    });
    expect(run.output()).toMatch(/"event":"request".*"flags":\{"users-events-stream":"off"\}/);

    expect((await flags(["set", FLAG, "100%", "--local"], env)).code).toBe(0);
    expect((await flags(["list", "--local"], env)).stdout).toMatch(/users-events-stream {2}100%/);
    await expect.poll(readState, { timeout: 45_000, interval: 1_000 }).toMatchObject({ flags: [{ state: "100%" }] });
    expect(await askForStream()).toBe(200);
    expect(await end(run, "SIGTERM")).toBe(0);

    const again = await startAndWait({ dataDir, port, args: ["--no-telemetry"] });
    expect(await readState()).toMatchObject({ flags: [{ state: "100%" }] });
    expect(await end(again, "SIGTERM")).toBe(0);
  });

  test("tells what is wrong, with the exit code that it promises", async ({ expect }) => {
    const env = { DATA_DIR: path.join(folder.path, "wrong"), PORT: String(await findFreePort()) };
    expect(await flags(["set", "nothing", "on", "--local"], env)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(FLAG),
    });
    expect(await flags(["--help"], env)).toMatchObject({ code: 0, stdout: expect.stringContaining("Exit code") });
  });
});

describe("npm run flags --env", { timeout: TIMEOUT_MS }, () => {
  let stateDir: string;
  let emulator: Emulator;
  let project: WranglerProject;

  beforeAll(async () => {
    stateDir = mkdtempSync(path.join(tmpdir(), "emulator-"));
    emulator = await startEmulator({ stateDir });
    project = createWranglerProject(emulator);
    project.write(
      "index.js",
      'export default { fetch: async (_, env) => new Response(await env.FLAGS.get("flags")) };',
    );
    project.write(
      "wrangler.toml",
      `name = "users-api-staging"\nmain = "index.js"\ncompatibility_date = "2026-08-15"\nworkers_dev = true
preview_urls = false\n[[kv_namespaces]]\nbinding = "FLAGS"\n`,
    );
  });

  afterAll(async () => {
    project.remove();
    await emulator.close();
    rmSync(stateDir, { recursive: true });
  });

  const access = () => ({
    CLOUDFLARE_API_BASE_URL: emulator.apiUrl,
    CLOUDFLARE_ACCOUNT_ID: emulator.accountId,
    CLOUDFLARE_API_TOKEN: emulator.apiToken,
  });

  test("finds the namespace of the deployed Worker, and fails clearly before there is one", async ({ expect }) => {
    const early = await flags(["list", "--env", "staging"], access());
    expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining("the flags cannot be read") });
    await project.run(["deploy"]);
    expect((await flags(["list", "--env", "staging"], access())).stdout).toMatch(/on \(default\)/);
    expect(await flags(["set", FLAG, "25%", "--env", "staging"], access())).toMatchObject({ code: 0, stderr: "" });
    const stored = await (await fetch(emulator.originOf("users-api-staging") ?? "")).json();
    expect(stored).toEqual({ version: 1, flags: { [FLAG]: "25%" } });
    expect(await flags(["set", FLAG, "25%", "--env", "staging"], access())).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Nothing to do"),
    });
  });

  test("does not write over an invalid file unless it is told to", async ({ expect }) => {
    await project.run(["kv", "key", "put", "flags", "{", "--binding", "FLAGS", "--remote"]);
    const refused = await flags(["set", FLAG, "off", "--env", "staging"], access());
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("--replace") });
    expect((await flags(["set", FLAG, "off", "--env", "staging", "--replace"], access())).code).toBe(0);
    expect((await flags(["list", "--env", "staging"], access())).stdout).toMatch(/users-events-stream {2}off/);
  });

  test("lets a token into no output", async ({ expect }) => {
    const wrong = await flags(["list", "--env", "staging"], { ...access(), CLOUDFLARE_API_TOKEN: "a-wrong-token" });
    expect(wrong.code).toBe(1);
    expect(`${wrong.stdout}${wrong.stderr}`).not.toContain("a-wrong-token");
  });
});
