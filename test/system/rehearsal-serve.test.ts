import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, test } from "vitest";

import { findFreePorts, type LongCommand, startCommand, waitForOutput } from "../support/long-command.ts";

const start = (...args: string[]): LongCommand => startCommand("tools/rehearsal/serve.ts", args);
/** The gateway's port follows the proxy's. */
const freePorts = (): Promise<number> => findFreePorts(3);

describe("npm run rehearsal:serve", () => {
  let folder: string;
  let port: number;
  let serve: LongCommand;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "serve-"));
    port = await freePorts();
    const ports = ["--port", String(port), "--proxy-port", String(port + 1)];
    serve = start(...ports, "--state-dir", path.join(folder, "state"), "--database");
    await waitForOutput(serve, "Ctrl-C stops everything");
  });

  afterAll(async () => {
    serve.child.kill("SIGKILL");
    await serve.exited;
    rmSync(folder, { recursive: true });
  });

  test("prints what to export, and answers there", async ({ expect }) => {
    const variable = (name: string) => new RegExp(`export ${name}=(\\S+)`).exec(serve.output())?.[1] ?? "";
    const response = await fetch(
      `${variable("CLOUDFLARE_API_BASE_URL")}/accounts/${variable("CLOUDFLARE_ACCOUNT_ID")}/workers/scripts`,
      { headers: { authorization: `Bearer ${variable("CLOUDFLARE_API_TOKEN")}` } },
    );
    expect(await response.json()).toMatchObject({ success: true, result: [] });
  });

  test("writes the secrets for its database, for the owner only", ({ expect }) => {
    const file = path.join(folder, "state/secrets.json");
    expect(serve.output()).toContain(`--secrets-file ${file}`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const secrets = JSON.parse(readFileSync(file, "utf8"));
    expect(secrets).toMatchObject({
      DATABASE_URL: expect.stringContaining("postgresql://"),
      DATABASE_FETCH_ENDPOINT: `http://127.0.0.1:${port + 2}/sql`,
    });
    expect(secrets.API_KEY.length).toBeGreaterThanOrEqual(32);
    expect(serve.output()).not.toContain(secrets.API_KEY);
  });

  test("says what is in its way, and what to do", async ({ expect }) => {
    const other = await freePorts();
    const otherPorts = ["--port", String(other), "--proxy-port", String(other + 1)];
    const refused = [
      start(...otherPorts, "--state-dir", path.join(folder, "state")),
      start("--port", String(port), "--proxy-port", String(other + 1), "--state-dir", path.join(folder, "other")),
      start("--port", "none"),
    ];
    expect(await Promise.all(refused.map(({ exited }) => exited))).toEqual([1, 1, 2]);
    const [locked, taken, wrong] = refused.map(({ output }) => output());
    expect(locked).toMatch(new RegExp(`in use by process ${serve.child.pid} .*--state-dir`));
    expect(taken).toContain(`Port ${port} is in use by another program`);
    expect(wrong).toContain('--port must be a number from 1 to 65535, not "none"');
  });

  test("ends on SIGTERM with everything stopped and the folder free", async ({ expect }) => {
    serve.child.kill("SIGTERM");
    expect(await serve.exited).toBe(0);
    expect(serve.output().trim().endsWith("Stopped.")).toBe(true);
    expect(existsSync(path.join(folder, "state/emulator.lock"))).toBe(false);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    await expect(fetch(`http://127.0.0.1:${port + 2}/`)).rejects.toThrow();
  });
});
