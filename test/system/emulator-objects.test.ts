import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, test } from "vitest";
import { z } from "zod";

import { type Emulator, startEmulator } from "../../tools/cloudflare-emulator/emulator.ts";
import { POLL } from "../support/emulator-data-plane.ts";
import { createWranglerProject, type WranglerProject, type WranglerRun } from "../support/wrangler-cli.ts";

/** Counts in an object, and lets others do so by a method of a named entrypoint; says who did. */
const counterWorker = (name: string, classes = ""): string => `
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
const NAME = "${name}";
export class Counter extends DurableObject {
  add(step) {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS counts (step INTEGER)");
    sql.exec("INSERT INTO counts VALUES (?)", step);
    return { object: NAME, sum: sql.exec("SELECT sum(step) AS sum FROM counts").one().sum };
  }
}
export class Adder extends WorkerEntrypoint {
  async add(step, at) {
    if (step < 0) throw new RangeError("less than nothing");
    return { entrypoint: NAME, isDate: at instanceof Date, ...(await this.env.COUNTERS.getByName("one").add(step)) };
  }
  fetch() { return new Response("fetched from " + NAME); }
}
${classes}
export default {
  async fetch(request, env) {
    return Response.json({ worker: NAME, ...(await env.COUNTERS.getByName("one").add(0)) });
  },
};`;

const counterConfig = (tags: readonly string[], more = ""): string => `
name = "counter"
main = "counter.js"
compatibility_date = "2026-08-15"
workers_dev = true
preview_urls = false
[durable_objects]
bindings = [{ name = "COUNTERS", class_name = "Counter" }${more}]
${tags.join("\n")}`;

const V1 = '[[migrations]]\ntag = "v1"\nnew_sqlite_classes = ["Counter"]';
const V2 = '[[migrations]]\ntag = "v2"\nnew_sqlite_classes = ["Second"]';
const SECOND_CLASS = "export class Second extends DurableObject {}";
const SECOND_BINDING = ', { name = "SECONDS", class_name = "Second" }';

const CALLER = `export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === "/fetch") return await env.COUNTER.fetch(request);
    try {
      const step = Number(new URL(request.url).searchParams.get("step"));
      return Response.json(await env.COUNTER.add(step, new Date()));
    } catch ({ name, message }) {
      return Response.json({ name, message });
    }
  },
};`;
const CALLER_CONFIG = `
name = "caller"
main = "caller.js"
compatibility_date = "2026-08-15"
[[services]]
binding = "COUNTER"
service = "counter"
entrypoint = "Adder"`;

let stateDir: string;
let emulator: Emulator;
let project: WranglerProject;

beforeAll(async () => {
  stateDir = mkdtempSync(path.join(tmpdir(), "emulator-"));
  emulator = await startEmulator({ stateDir, warmVersions: 0 });
  project = createWranglerProject(emulator);
  project.write("caller.js", CALLER);
  project.write("caller.toml", CALLER_CONFIG);
});

afterAll(async () => {
  project.remove();
  await emulator.close();
  rmSync(stateDir, { recursive: true });
});

function writeCounter(name: string, isMigrated = false): void {
  project.write("counter.js", counterWorker(name, isMigrated ? SECOND_CLASS : ""));
  project.write("counter.toml", isMigrated ? counterConfig([V1, V2], SECOND_BINDING) : counterConfig([V1]));
}

const wrangler = (command: string, worker = "counter"): Promise<WranglerRun> =>
  project.run([...command.split(" "), "--config", `${worker}.toml`]);

async function mustRun(command: string, worker = "counter"): Promise<WranglerRun> {
  const run = await wrangler(command, worker);
  if (run.code !== 0) throw new Error(`wrangler ${command} ended with ${run.code}:\n${run.stdout}\n${run.stderr}`);
  return run;
}

const versionOf = ({ records }: WranglerRun): string =>
  String(records.find((record) => "version_id" in record)?.["version_id"]);

const ask = async (script: string, target: string, headers: Record<string, string> = {}) => {
  const response = await fetch(new URL(target, emulator.originOf(script) ?? ""), { headers });
  const text = await response.text();
  return response.ok && text.startsWith("{") ? z.record(z.string(), z.unknown()).parse(JSON.parse(text)) : text;
};
const add = (step: number) => ask("caller", `/?step=${step}`);

const control = (action: string, body: unknown): Promise<Response> =>
  fetch(new URL(`/__emulator/${action}`, emulator.apiUrl), { method: "POST", body: JSON.stringify(body) });

// One walk: each test goes on where the one before it ended.
describe("Durable Objects and calls between Workers, with the real wrangler", () => {
  let first = "";
  let second = "";

  test("a binding to a Worker that is not there is refused", async ({ expect }) => {
    const run = await wrangler("deploy", "caller");
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("Target script 'counter' not found");
    expect(run.stderr).toContain("[code: 10143]");
  });

  test("deploy makes the class; its object counts, for its Worker and for another one's calls", async ({ expect }) => {
    writeCounter("one");
    first = versionOf(await mustRun("deploy"));
    await mustRun("deploy", "caller");
    expect(await ask("counter", "/")).toEqual({ worker: "one", object: "one", sum: 0 });
    expect(await add(2)).toEqual({ entrypoint: "one", isDate: true, object: "one", sum: 2 });
    expect(await add(3)).toMatchObject({ sum: 5 });
    expect(await add(-1)).toEqual({ name: "RangeError", message: "less than nothing" });
    expect(await ask("caller", "/fetch")).toBe("fetched from one");
  });

  test("a version without a new class is uploaded, and reached by the override; its object stays where the traffic is", async ({
    expect,
  }) => {
    writeCounter("two");
    second = versionOf(await mustRun("versions upload"));
    await mustRun(`versions deploy ${second}@0% ${first}@100% -y`);
    const override = { "Cloudflare-Workers-Version-Overrides": `counter="${second}"` };
    expect(await ask("counter", "/", override)).toEqual({ worker: "two", object: "one", sum: 5 });
    await mustRun(`versions deploy ${second}@100% -y`);
    expect(await ask("counter", "/")).toEqual({ worker: "two", object: "two", sum: 5 });
    expect(await add(1)).toEqual({ entrypoint: "two", isDate: true, object: "two", sum: 6 });
    await mustRun(`rollback ${first} -y`);
    expect(await add(1)).toEqual({ entrypoint: "one", isDate: true, object: "one", sum: 7 });
  });

  test("a version whose methods were called ends when it is not needed any more", async ({ expect }) => {
    const runs = (id: string) => emulator.dataPlane.stats("counter").find(({ versionId }) => versionId === id);
    // What it waits for, the end of all calls, has come: else it would wait twice as long as we do.
    await expect.poll(() => runs(second)?.isRunning ?? false, POLL).toBe(false);
    expect(runs(first)).toMatchObject({ isRunning: true, inFlight: 0 });
  });

  test("an answer that is lost was counted; an evicted object has what it stored", async ({ expect }) => {
    expect((await control("faults", { loseRpcAnswers: 1 })).status).toBe(200);
    expect(await add(10)).toEqual({ name: "Error", message: "Network connection lost." });
    expect(await add(0)).toMatchObject({ sum: 17 });
    expect((await control("evict", { script: "counter" })).status).toBe(200);
    expect(await add(0)).toMatchObject({ sum: 17 });
    expect((await control("evict", { script: "caller" })).status).toBe(400);
  });

  test("a version with a new class is refused, and deployed; nothing from before it can be deployed any more", async ({
    expect,
  }) => {
    writeCounter("three", true);
    const refused = await wrangler("versions upload");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("migrations must be fully applied via a non-versioned");
    expect(refused.stderr).toContain("[code: 10211]");
    expect(await add(0)).toMatchObject({ entrypoint: "one", sum: 17 });
    await mustRun("deploy");
    expect(await add(0)).toEqual({ entrypoint: "three", isDate: true, object: "three", sum: 17 });
    const rolledBack = await wrangler(`rollback ${first} -y`);
    expect(rolledBack.code).toBe(1);
    expect(rolledBack.stderr).toContain("before the Durable Object migration v2");
  });

  test("a restart of the emulator keeps what objects hold; deleting the Worker does not", async ({ expect }) => {
    await emulator.close();
    emulator = await startEmulator({ stateDir });
    project.remove();
    project = createWranglerProject(emulator);
    writeCounter("four", true);
    expect(await ask("counter", "/")).toEqual({ worker: "three", object: "three", sum: 17 });
    await mustRun("delete --force");
    await mustRun("deploy");
    expect(await ask("counter", "/")).toEqual({ worker: "four", object: "four", sum: 0 });
  });
});
