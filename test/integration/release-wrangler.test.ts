import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, test } from "vitest";

import { type Emulator, startEmulator } from "../../tools/cloudflare-emulator/emulator.ts";
import { createWranglerControlPlane } from "../../tools/release/cloudflare/wrangler.ts";
import type { EnvironmentName } from "../../tools/release/command/usage.ts";
import { runRelease } from "../../tools/release/controller.ts";
import { systemClock } from "../../tools/release/measure/clock.ts";
import { overrideHeaders } from "../../tools/release/measure/version-override.ts";
import { waitForVersion } from "../../tools/release/traffic/propagation.ts";
import { describeControlPlane } from "../support/control-plane-contract.ts";
import { createBench, PLAN } from "../support/release-fakes.ts";
import { createWranglerProject, type WranglerProject } from "../support/wrangler-cli.ts";

const WORKER = "small-production";
/** Long enough to be noticed by a release that does not wait for it. */
const PROPAGATION_MS = 700;

const CONFIG = `
name = "small"
main = "index.js"
compatibility_date = "2026-08-15"
[env.staging]
[env.production]
workers_dev = true
version_metadata = { binding = "META" }
`;
const SOURCE =
  'export default { fetch: (_, env) => new Response("ok", { headers: { "X-Version-Id": env.META.id } }) };';

let stateDir: string;
let emulator: Emulator;
let project: WranglerProject;

beforeAll(async () => {
  stateDir = mkdtempSync(path.join(tmpdir(), "emulator-"));
  emulator = await startEmulator({ stateDir, propagationMs: PROPAGATION_MS });
  project = createWranglerProject(emulator);
  project.write("wrangler.toml", CONFIG);
  project.write("index.js", SOURCE);
});

afterAll(async () => {
  project.remove();
  await emulator.close();
  rmSync(stateDir, { recursive: true });
});

const openControlPlane = (env: EnvironmentName, signal?: AbortSignal) =>
  createWranglerControlPlane({
    env,
    cwd: project.folder,
    environment: { PATH: process.env["PATH"], HOME: project.folder },
    apiBaseUrl: emulator.apiUrl,
    apiToken: emulator.apiToken,
    accountId: emulator.accountId,
    ...(signal ? { signal } : {}),
  });

const versionsOf = (shares: string): readonly string[] => shares.match(/[0-9a-f-]{36}/g) ?? [];

describeControlPlane("wrangler against the emulator", async () => {
  const { code, stderr } = await project.run(["deploy", "--env", "production"]);
  if (code !== 0) throw new Error(stderr);
  return { controlPlane: openControlPlane("production"), ofUnknownWorker: openControlPlane("staging") };
});

describe("a release through wrangler", () => {
  test("is tested on its own version only, and is taken back when that fails", async ({ expect }) => {
    const url = emulator.originOf(WORKER) ?? "";
    const controlPlane = openControlPlane("production");
    const [before] = await controlPlane.deployments();
    const answeredBy: (string | null)[] = [];
    const bench = createBench({
      forward: controlPlane,
      recovery: controlPlane,
      waitForVersion: (wait) => waitForVersion({ ...wait, url, scriptName: WORKER }),
      async smoke(versionId, signal) {
        const answer = await fetch(url, { headers: overrideHeaders(WORKER, versionId), signal });
        answeredBy.push(answer.headers.get("X-Version-Id"));
        return {
          outcome: "failed",
          passed: 0,
          failed: 1,
          skipped: 0,
          failures: [{ name: "a check", problems: ["fails"] }],
        };
      },
      clock: systemClock,
    });
    const report = await runRelease({
      plan: { ...PLAN, env: "production", worker: WORKER, url },
      ports: bench.ports,
      journal: bench.journal,
      signal: new AbortController().signal,
      note: () => {},
      onTraffic: () => {},
    });
    expect(report).toMatchObject({
      outcome: "rolled-back",
      failedStage: "smoke",
      rollback: { verified: true, by: "us" },
    });
    expect(answeredBy).toEqual([report.newId]);
    const [live, joined] = await controlPlane.deployments();
    expect(live?.versions).toEqual(before?.versions);
    expect(versionsOf(live?.message ?? "")).toEqual([report.newId, report.previousId]);
    expect(joined?.versions).toEqual([
      { versionId: report.newId, percentage: 0 },
      { versionId: report.previousId, percentage: 100 },
    ]);
    const { headers } = await fetch(url);
    expect(headers.get("X-Version-Id")).toBe(report.previousId);
  });

  test("that is interrupted while it reads does not wait for the answer", async ({ expect }) => {
    emulator.faults.add({ path: "/deployments$", delayMs: 30_000, status: 500, times: 1 });
    const stop = new AbortController();
    const reading = openControlPlane("production", stop.signal).deployments();
    try {
      await expect.poll(() => emulator.faults.list().api, { timeout: 30_000 }).toEqual([]);
    } finally {
      stop.abort(new Error("interrupted"));
    }
    await expect(reading).rejects.toThrow("interrupted");
    emulator.faults.clear();
  });
});

describe("the commands", () => {
  const run = (command: string, args: readonly string[], env: Record<string, string> = {}) => {
    const file = path.resolve(import.meta.dirname, `../../tools/release/command/${command}.ts`);
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { encoding: "utf8", env });
    return { status, output: stdout + stderr };
  };

  test.for(["release", "rollback"])("%s explains itself, and refuses what it cannot do", (command, { expect }) => {
    expect(run(command, ["--help"])).toMatchObject({ status: 0, output: expect.stringContaining("Exit code: 0") });
    expect(run(command, ["--env", "production"])).toMatchObject({
      status: 2,
      output: expect.stringContaining("--yes"),
    });
    const env = { CLOUDFLARE_API_TOKEN: "s3cret", CLOUDFLARE_API_BASE_URL: emulator.apiUrl };
    const missing = run(command, ["--env", "staging"], env);
    expect(missing).toMatchObject({ status: 2, output: expect.stringContaining("RELEASE_URL, CLOUDFLARE_ACCOUNT_ID") });
    expect(missing.output).not.toContain("s3cret");
  });
});
