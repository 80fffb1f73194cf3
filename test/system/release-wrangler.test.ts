import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, test } from "vitest";

import { type Emulator, startEmulator } from "../../tools/cloudflare-emulator/emulator.ts";
import { createDeploymentsApi } from "../../tools/release/cloudflare/deployments-api.ts";
import { openRecovery } from "../../tools/release/cloudflare/recovery.ts";
import { FULL_ID } from "../../tools/release/cloudflare/versions.ts";
import { createWranglerControlPlane } from "../../tools/release/cloudflare/wrangler.ts";
import type { EnvironmentName } from "../../tools/release/command/usage.ts";
import { runRelease } from "../../tools/release/controller.ts";
import { systemClock } from "../../tools/release/measure/clock.ts";
import { overrideHeaders } from "../../tools/release/measure/version-override.ts";
import { uploadVersion } from "../../tools/release/stages/upload.ts";
import { waitForVersion } from "../../tools/release/traffic/propagation.ts";
import { createTraffic } from "../../tools/release/traffic/traffic.ts";
import { COMPILE_CACHE } from "../support/compile-cache.ts";
import { describeControlPlane } from "../support/control-plane-contract.ts";
import { COMMIT, createBench, PLAN } from "../support/release-fakes.ts";
import { createWranglerProject, type WranglerProject } from "../support/wrangler-cli.ts";

const WORKER = "small-production";
/** Several processes of wrangler, one after the other, on a machine that may be busy. */
const SLOW = { timeout: 180_000 };
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

const optionsFor = (env: EnvironmentName) => ({
  env,
  cwd: project.folder,
  environment: { PATH: process.env["PATH"], HOME: project.folder },
  apiBaseUrl: emulator.apiUrl,
  apiToken: emulator.apiToken,
  accountId: emulator.accountId,
});
const openControlPlane = (env: EnvironmentName, signal?: AbortSignal) =>
  createWranglerControlPlane({ ...optionsFor(env), ...(signal ? { signal } : {}) });
const openApi = (scriptName: string) => createDeploymentsApi({ ...optionsFor("production"), scriptName });
const openRecoveryTo = (notes: string[]) =>
  openRecovery({ ...optionsFor("production"), scriptName: WORKER, note: (text) => void notes.push(text) });

const versionsOf = (shares: string): readonly string[] => shares.match(/[0-9a-f-]{36}/g) ?? [];

describeControlPlane("wrangler against the emulator", async () => {
  const { code, stderr } = await project.run(["deploy", "--env", "production"]);
  if (code !== 0) throw new Error(stderr);
  return { controlPlane: openControlPlane("production"), ofUnknownWorker: openControlPlane("staging") };
});

describe("Cloudflare's API itself", () => {
  test("shows the same as wrangler, and rolls back alike", SLOW, async ({ expect }) => {
    const [api, wrangler] = [openApi(WORKER), openControlPlane("production")];
    const before = await api.deployments();
    expect(before).toEqual(await wrangler.deployments());
    const versions = new Set(before.flatMap((deployment) => deployment.versions.map(({ versionId }) => versionId)));
    const [target = ""] = [...versions].filter((id) => id !== before[0]?.versions[0]?.versionId);
    await api.rollBack(target, `rollback from ${target} to ${target}`);
    const [live, ...earlier] = await wrangler.deployments();
    expect(live).toMatchObject({
      message: `rollback from ${target} to ${target}`,
      versions: [{ versionId: target, percentage: 100 }],
    });
    expect(earlier).toEqual(before);
    await expect(api.rollBack(randomUUID(), "unknown")).rejects.toMatchObject({ refusal: "unknown-version" });
    expect(await openApi("never-deployed").deployments()).toEqual([]);
  });

  test("is left for wrangler when it fails, after another look", SLOW, async ({ expect }) => {
    const [live] = await openApi(WORKER).deployments();
    const previous = live?.versions[0]?.versionId ?? "";
    const forward = openControlPlane("production");
    const candidate = await forward.upload({ tag: "0123456789ab", message: "a change" });
    const notes: string[] = [];
    const traffic = createTraffic({
      forward,
      recovery: openRecoveryTo(notes),
      previous,
      candidate,
      clock: systemClock,
      signal: new AbortController().signal,
      note: (text) => void notes.push(text),
      onChange: () => {},
    });
    await traffic.shift(10);
    const before = emulator.calls().length;
    emulator.faults.add({ method: "POST", path: "/deployments$", status: 500, times: 1 });
    expect(await traffic.giveBack()).toBe("us");
    expect(notes.join()).toContain("by Cloudflare's API failed: HTTP 500");
    const writes = emulator
      .calls()
      .slice(before)
      .filter(({ method }) => method === "POST");
    expect(writes.map(({ status }) => status)).toEqual([500, 200]);
    const [after] = await openApi(WORKER).deployments();
    expect(after?.versions).toEqual([{ versionId: previous, percentage: 100 }]);
  });
});

describe("an upload that is refused because it starts too slowly", () => {
  const upload = (notes: string[]) =>
    uploadVersion(
      { ...createBench().ports, forward: openControlPlane("production"), clock: systemClock },
      { checkedOut: { commit: COMMIT, subject: "a change", changes: [] }, startupMs: 42 },
      { detail: (text) => void notes.push(text), comparison: () => {}, metrics: () => {} },
      new AbortController().signal,
    );
  /** As Cloudflare says it. */
  const refuse = (times: number): void =>
    emulator.faults.add({
      method: "POST",
      path: "/versions$",
      status: 400,
      code: 10_021,
      message: "Script startup exceeded CPU time limit.",
      times,
    });

  test("is repeated once", SLOW, async ({ expect }) => {
    const notes: string[] = [];
    refuse(1);
    expect(await upload(notes)).toMatch(FULL_ID);
    expect(notes[0]).toContain("Script startup exceeded CPU time limit. [code: 10021]");
    expect(emulator.faults.list().api).toEqual([]);
  });

  test("is explained when it is refused again", SLOW, async ({ expect }) => {
    refuse(3);
    const error: unknown = await upload([]).catch((reason: unknown) => reason);
    expect(String(error)).toContain("Script startup exceeded CPU time limit. [code: 10021]");
    expect(String(error)).toContain("Here it takes 42 ms of CPU");
    expect(emulator.faults.list().api).toMatchObject([{ times: 1 }]);
    emulator.faults.clear();
  });
});

test("CPU time of the start is measured without an upload, and grows with the work in it", SLOW, async ({ expect }) => {
  const before = emulator.calls().length;
  const controlPlane = openControlPlane("production");
  const light = await controlPlane.measureStartup();
  // Enough to be seen, not enough to be over the budget and measured again.
  project.write("index.js", `let sum = 0; for (let i = 0; i < 3e7; i++) sum += i % 7; ${SOURCE} export { sum };`);
  const heavy = await controlPlane.measureStartup();
  project.write("index.js", SOURCE);
  // The light one may be over before the profiler has looked once: 0.
  expect(heavy).toBeGreaterThan(light);
  expect(emulator.calls().slice(before)).toEqual([]);
});

describe("a release through wrangler", () => {
  test("is tested on its own version only, and is taken back when that fails", SLOW, async ({ expect }) => {
    const url = emulator.originOf(WORKER) ?? "";
    const controlPlane = openControlPlane("production");
    const recovery = openApi(WORKER);
    const [before] = await recovery.deployments();
    const answeredBy: (string | null)[] = [];
    const bench = createBench({
      forward: controlPlane,
      recovery,
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
    const [live, joined] = await recovery.deployments();
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
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
      encoding: "utf8",
      env: { ...COMPILE_CACHE, ...env },
    });
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
