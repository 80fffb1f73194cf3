import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { json } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";

import { afterAll, beforeAll, describe, test } from "vitest";
import { z } from "zod";

import type { ScriptRecord } from "../../tools/cloudflare-emulator/control-plane/state/records.ts";
import { type Emulator, startEmulator } from "../../tools/cloudflare-emulator/emulator.ts";
import { breakTinyWorker, TINY_WORKER, writeTinyWorker } from "../support/tiny-worker.ts";
import { createWranglerProject, type WranglerProject, type WranglerRun } from "../support/wrangler-cli.ts";

const PRODUCTION = ["--env", "production"];

let stateDir: string;
let emulator: Emulator;
let project: WranglerProject;

beforeAll(async () => {
  stateDir = mkdtempSync(path.join(tmpdir(), "emulator-"));
  emulator = await startEmulator({ stateDir });
  project = createWranglerProject(emulator);
});

afterAll(async () => {
  project.remove();
  await emulator.close();
  rmSync(stateDir, { recursive: true });
});

const wrangler = (command: string, input?: string): Promise<WranglerRun> =>
  project.run([...command.split(" "), ...PRODUCTION], input);

/** Runs a command that must succeed. */
async function mustRun(command: string, input?: string): Promise<WranglerRun> {
  const run = await wrangler(command, input);
  if (run.code !== 0) throw new Error(`wrangler ${command} ended with ${run.code}:\n${run.stdout}\n${run.stderr}`);
  return run;
}

/** Uploads or deploys what the project holds; gives the version's id. */
async function upload(command: string): Promise<string> {
  const { records } = await mustRun(command);
  return String(records.find((record) => "version_id" in record)?.["version_id"]);
}

const fetchWorker = (pathname: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(new URL(pathname, emulator.originOf(TINY_WORKER) ?? ""), { headers });

const readJson = async (pathname: string, headers?: Record<string, string>): Promise<Record<string, unknown>> =>
  z.record(z.string(), z.unknown()).parse(await (await fetchWorker(pathname, headers)).json());

/** Asks the proxy for a host, which fetch would not let us name. */
async function readFromHost(host: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  get(`${emulator.proxyUrl}/api`, { headers: { host } }, resolve).on("error", reject);
  return await json(await promise);
}

const stateSchema = z.object({ scripts: z.array(z.custom<ScriptRecord>()) });

async function script(): Promise<ScriptRecord> {
  const response = await fetch(new URL("/__emulator/state", emulator.apiUrl));
  const { scripts } = stateSchema.parse(await response.json());
  const found = scripts.find(({ name }) => name === TINY_WORKER);
  if (found === undefined) throw new Error("the Worker is not there");
  return found;
}

const live = async () => (await script()).deployments[0]?.versions;
const versionIds = async () => (await script()).versions.map(({ id }) => id);
const secretNames = async () =>
  (await script()).versions.at(-1)?.bindings.flatMap(({ name, type }) => (type === "secret_text" ? [name] : []));

// The tests are one walk through the life of a Worker: each goes on where the one before it ended.
describe("wrangler against the emulator", () => {
  let first = "";
  let second = "";

  test("a version cannot be uploaded before the first deployment", async ({ expect }) => {
    writeTinyWorker(project, "one");
    const run = await wrangler("versions upload");
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("does not yet exist");
  });

  test("deploy runs the Worker with all that it was given", async ({ expect }) => {
    project.write("secrets.json", JSON.stringify({ TOKEN: "first-token" }));
    first = await upload("deploy --secrets-file secrets.json --tag v1");
    expect(await readJson("/api")).toMatchObject({
      name: "one",
      greeting: "hello",
      token: "first-token",
      meta: { id: first, tag: "v1" },
    });
    const limited: unknown[] = [];
    for (let call = 0; call < 4; call++) limited.push((await readJson("/api", { "x-caller": "me" }))["success"]);
    expect(limited).toEqual([true, true, true, false]);
    expect(await (await fetchWorker("/one.txt")).text()).toBe("asset of one");
    expect(await emulator.dataPlane.runCron(TINY_WORKER, "17 * * * *")).toBe("ok");
    const deployed = await script();
    expect(deployed).toMatchObject({ hasWorkersDev: true, hasPreviewUrls: true, crons: ["17 * * * *"] });
    expect(deployed.settings.tags).toEqual(["cf:service=tiny", "cf:environment=production"]);
    expect(await live()).toEqual([{ versionId: first, percentage: 100 }]);
  });

  test("versions upload adds a version without traffic, even when the API stumbles twice", async ({ expect }) => {
    writeTinyWorker(project, "two");
    const failing = { method: "POST", path: "/versions$", times: 1 };
    emulator.faults.add({ ...failing, status: 500 });
    emulator.faults.add({ ...failing, status: 429 });
    second = await upload("versions upload --tag v2 --message second");
    expect(emulator.faults.list().api).toEqual([]);
    const statuses = emulator.calls().flatMap(({ method, path: target, status }) => {
      return method === "POST" && target.endsWith("/versions") ? [status] : [];
    });
    expect(statuses).toEqual([500, 429, 200]);
    expect(await versionIds()).toEqual([first, second]);
    expect((await readJson("/api"))["name"]).toBe("one");
    const host = `${second.slice(0, 8)}-${TINY_WORKER}.${emulator.subdomain}.workers.dev`;
    expect(await secretNames()).toEqual(["TOKEN"]);
    expect((await script()).versions[1]?.annotations).toMatchObject({
      "workers/tag": "v2",
      "workers/message": "second",
    });
    expect(await readFromHost(host)).toMatchObject({ name: "two", meta: { id: second, tag: "v2" } });
  });

  test("versions deploy splits the traffic, and the reading commands tell so", async ({ expect }) => {
    await mustRun(`versions deploy ${second}@50% ${first}@50% -y --message half`);
    expect(await live()).toEqual([
      { versionId: second, percentage: 50 },
      { versionId: first, percentage: 50 },
    ]);
    const names = new Set<unknown>();
    for (let call = 0; call < 12; call++) names.add((await readJson("/api"))["name"]);
    expect(names).toEqual(new Set(["one", "two"]));
    const [status, list, versions, view] = await Promise.all([
      mustRun("deployments status --json"),
      mustRun("deployments list"),
      mustRun("versions list --json"),
      mustRun(`versions view ${second} --json`),
    ]);
    expect(JSON.parse(status.stdout)).toMatchObject({
      annotations: { "workers/message": "half" },
      versions: [{ version_id: second, percentage: 50 }, { version_id: first }],
    });
    expect(list.stdout).toMatch(/\(100%\) .*[\s\S]*\(50%\)/);
    expect(JSON.parse(versions.stdout)).toMatchObject([
      { id: first, number: 1 },
      { id: second, number: 2 },
    ]);
    expect(JSON.parse(view.stdout)).toMatchObject({ id: second, annotations: { "workers/tag": "v2" } });
    expect(view.stdout).toContain("TOKEN");
    expect(view.stdout).not.toContain("first-token");
  });

  test("the new version has its own assets and those of before", async ({ expect }) => {
    await mustRun(`versions deploy ${second}@100% -y`);
    const texts = await Promise.all(["/one.txt", "/two.txt"].map(async (file) => (await fetchWorker(file)).text()));
    expect(texts).toEqual(["asset of one", "asset of two"]);
  });

  test("tail prints what the Worker does, and ends its tail", async ({ expect, onTestFinished }) => {
    const tail = project.start(["tail", "--format", "json", ...PRODUCTION]);
    const exited = once(tail, "exit");
    onTestFinished(() => void tail.kill("SIGKILL"));
    let output = "";
    tail.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    while (!output.includes("answering") && tail.exitCode === null) {
      await readJson("/api");
      await setTimeout(100);
    }
    tail.kill("SIGINT");
    expect(await exited).toEqual([0, null]);
    const isTail = ({ path: target }: { path: string }): boolean => target.includes("/tails");
    const calls = emulator.calls().filter(isTail);
    expect(calls.map(({ method, status }) => [method, status])).toEqual([
      ["POST", 200],
      ["DELETE", 200],
    ]);
    expect(output).toContain(second);
  });

  test("a version that does not start is refused with its error, and nothing changes", async ({ expect }) => {
    const before = await script();
    breakTinyWorker(project);
    const { code, stderr } = await wrangler("versions upload");
    expect(code).toBe(1);
    expect(stderr).toMatch(/broken on purpose[\s\S]*10021/);
    const after = await script();
    expect([after.versions, after.deployments]).toEqual([before.versions, before.deployments]);
    expect((await readJson("/api"))["name"]).toBe("two");
  });

  test("rollback goes to the version that it is given; without one, two of them end where they began", async ({
    expect,
  }) => {
    await mustRun(`rollback ${first} -y -m back`);
    expect(await live()).toEqual([{ versionId: first, percentage: 100 }]);
    expect((await readJson("/api"))["name"]).toBe("one");
    await mustRun("rollback -y");
    expect(await live()).toEqual([{ versionId: second, percentage: 100 }]);
    await mustRun("rollback -y");
    expect(await live()).toEqual([{ versionId: first, percentage: 100 }]);
  });

  test("secrets of versions wait for a deployment; secrets of the Worker refuse to deploy anything along", async ({
    expect,
  }) => {
    const refused = await wrangler("secret put OTHER", "x");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("Secret edit failed");
    await mustRun("versions secret put TOKEN", "second-token");
    await mustRun("versions secret bulk", JSON.stringify({ EXTRA: "1" }));
    expect(await secretNames()).toEqual(["TOKEN", "EXTRA"]);
    expect((await readJson("/api"))["token"]).toBe("first-token");
    const [id = ""] = (await versionIds()).slice(-1);
    await mustRun(`versions deploy ${id}@100% -y`);
    expect(await readJson("/api")).toMatchObject({ name: "two", token: "second-token" });
    const { stdout } = await mustRun("versions secret list");
    expect(stdout).toMatch(/TOKEN[\s\S]*EXTRA/);
  });

  test("secrets of the Worker are deployed at once, and survive the next deploy", async ({ expect }) => {
    await mustRun("secret put TOKEN", "third-token");
    await mustRun("secret bulk", JSON.stringify({ EXTRA: null, MORE: "2" }));
    await mustRun("secret delete MORE");
    expect(JSON.parse((await mustRun("secret list")).stdout)).toEqual([{ name: "TOKEN", type: "secret_text" }]);
    writeTinyWorker(project, "three");
    const id = await upload("deploy");
    expect(await readJson("/api")).toMatchObject({ name: "three", token: "third-token", meta: { id } });
  });

  test("a rollback across secrets says which ones change, and goes on", async ({ expect }) => {
    const { stdout } = await mustRun(`rollback ${second} -y`);
    expect(stdout).toMatch(/secrets have changed[\s\S]*TOKEN/);
    expect(stdout).not.toContain("-token");
    expect(await readJson("/api")).toMatchObject({ name: "two", token: "first-token" });
  });

  test("a restart keeps everything, and the log of calls knows no secret", async ({ expect }) => {
    const before = await script();
    const calls = JSON.stringify(emulator.calls());
    expect(calls).toContain("secrets-bulk");
    expect(calls).not.toMatch(/-token/);
    await emulator.close();
    emulator = await startEmulator({ stateDir, port: Number(new URL(emulator.apiUrl).port) });
    expect(await script()).toEqual(before);
    expect(await readJson("/api")).toMatchObject({ name: "two", token: "first-token" });
  });

  test("triggers deploy changes triggers only, and delete ends it all", async ({ expect }) => {
    const before = await versionIds();
    await mustRun("triggers deploy");
    expect(await versionIds()).toEqual(before);
    await mustRun("delete --force");
    await expect(script()).rejects.toThrow("not there");
    expect(emulator.calls().filter(({ errors }) => errors.includes(7_000))).toEqual([]);
  });
});
