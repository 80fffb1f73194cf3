import { EventEmitter } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";

import { afterAll, describe, test } from "vitest";
import { unstable_readConfig as readConfig } from "wrangler";

import { listenForInterrupts } from "../../../../tools/command/interrupts.ts";
import { findAccessProblems } from "../../../../tools/release/adapters/access.ts";
import { smokeOptionsFor } from "../../../../tools/release/adapters/smoke-options.ts";
import { readWorkerName } from "../../../../tools/release/cloudflare/worker-name.ts";
import { askYesOrNo } from "../../../../tools/release/command/confirm.ts";
import { ENVIRONMENTS } from "../../../../tools/release/command/usage.ts";
import { assertWritable, saveReport } from "../../../../tools/release/report/report-file.ts";

const WRANGLER_TOML = path.resolve(import.meta.dirname, "../../../../wrangler.toml");

describe("the name of the Worker", () => {
  test.for([...ENVIRONMENTS])("of %s is what wrangler takes", (env, { expect }) => {
    expect(readWorkerName(readFileSync(WRANGLER_TOML, "utf8"), env)).toBe(
      readConfig({ config: WRANGLER_TOML, env }).name,
    );
  });

  test("follows wrangler's rule where an environment has none", ({ expect }) => {
    expect(readWorkerName('name = "api"\n[env.staging]\n[env.production]\nname = "own"\n', "staging")).toBe(
      "api-staging",
    );
    expect(() => readWorkerName("[vars]\n", "staging")).toThrow("no name");
  });
});

describe("the smoke test", () => {
  test("asks for the version, and asserts it in every answer", ({ expect }) => {
    const versionId = "00000000-0000-4000-8000-00000000000b";
    const options = smokeOptionsFor({
      url: "http://127.0.0.1:1",
      worker: "api",
      apiKey: "key",
      versionId,
      isReadOnly: true,
    });
    expect(options).toMatchObject({ expectVersion: versionId, isReadOnly: true, hasCleanup: true, apiKey: "key" });
    expect(options.headers).toEqual([["Cloudflare-Workers-Version-Overrides", `api="${versionId}"`]]);
  });
});

describe("access", () => {
  const find = (statuses: readonly number[], signal = new AbortController().signal) => {
    const keys: (string | null)[] = [];
    const answers = [...statuses];
    const send: typeof fetch = (_, init) => {
      keys.push(new Headers(init?.headers).get("X-API-Key"));
      const status = answers.shift() ?? 0;
      if (status === 0) return Promise.reject(new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") }));
      return Promise.resolve(new Response(null, { status }));
    };
    const apiKeys = statuses.map((_, place) => `secret${place}`);
    return { keys, problems: findAccessProblems({ url: "http://127.0.0.1:1", apiKeys, signal, fetch: send }) };
  };

  test("is there when every key is accepted", async ({ expect }) => {
    const { keys, problems } = find([200, 200]);
    expect(await problems).toEqual([]);
    expect(keys).toEqual(["secret0", "secret1"]);
  });

  test("is missing for each key that is not, which is not named by its value", async ({ expect }) => {
    const problems = await find([403, 200, 0]).problems;
    expect(problems).toEqual([
      expect.stringMatching(/^Key 1 of 3 in RELEASE_API_KEYS is not accepted: .* gives 403\.$/),
      expect.stringMatching(/^Key 3 of 3 .* gives no answer \(ECONNREFUSED\)\.$/),
    ]);
    expect(problems.join()).not.toContain("secret");
  });

  test("is not looked for after an interruption", async ({ expect }) => {
    await expect(find([0], AbortSignal.abort(new Error("stop"))).problems).rejects.toThrow("stop");
  });
});

describe("the report's file", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "report-"));
  const file = path.join(folder, "deep", "report.json");
  const told: string[] = [];
  const save = (where: string | null, report: unknown) => saveReport(where, report, (text) => void told.push(text));

  afterAll(() => rmSync(folder, { recursive: true }));

  test("is whole, in a folder that need not be there, and leaves nothing beside it", ({ expect }) => {
    assertWritable(file);
    save(file, { outcome: "stopped" });
    save(file, { outcome: "released" });
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ outcome: "released" });
    expect(readdirSync(path.dirname(file))).toEqual(["report.json"]);
    expect(told).toEqual([]);
  });

  test("is refused before the release when it cannot be written, and no failure after it", ({ expect }) => {
    const impossible = path.join(file, "report.json");
    expect(() => assertWritable(impossible)).toThrow(`--report ${impossible} cannot be written`);
    expect(() => assertWritable(folder)).toThrow("it is a folder");
    save(impossible, {});
    expect(told).toEqual([expect.stringContaining("could not be written")]);
  });

  test("leaves no draft behind when it cannot take its place", ({ expect }) => {
    save(path.join(folder, "deep"), {});
    expect(readdirSync(folder)).toEqual(["deep"]);
  });

  test("is none unless asked for", ({ expect }) => {
    expect(() => assertWritable(null)).not.toThrow();
    expect(() => save(null, {})).not.toThrow();
  });
});

describe("a question", () => {
  const ask = async (act: (input: PassThrough, stop: AbortController) => void): Promise<boolean> => {
    const [input, output, stop] = [new PassThrough(), new PassThrough(), new AbortController()];
    const answer = askYesOrNo("Go?", { input, output }, stop.signal);
    act(input, stop);
    return await answer;
  };

  test.for(["y\n", "Yes\n", " y \nn\n"])("is answered with a yes by %j", async (text, { expect }) => {
    expect(await ask((input) => input.write(text))).toBe(true);
  });

  test.for(["\n", "n\n", "yeah\n", "no y\n"])("is answered with a no by %j", async (text, { expect }) => {
    expect(await ask((input) => input.write(text))).toBe(false);
  });

  test("is answered with a no by the end of the input and by an interruption", async ({ expect }) => {
    expect(await ask((input) => input.end())).toBe(false);
    expect(await ask((_, stop) => stop.abort())).toBe(false);
  });
});

describe("Ctrl-C", () => {
  const open = () => {
    const program = new EventEmitter();
    const events: string[] = [];
    let nowMs = 0;
    const exit = (code: number) => void events.push(`exit ${code}`);
    const options = {
      onFirst: (error: Error | null) => void events.push(error?.message ?? "first"),
      onSecond: () => 4,
      takesErrors: true,
    };
    const signal = listenForInterrupts(
      options,
      Object.assign(program, { exit, stdout: new EventEmitter(), stderr: new EventEmitter() }),
      () => nowMs,
    );
    return { program, events, signal, advance: (ms: number) => void (nowMs += ms) };
  };

  test("interrupts once; a second one that is not the echo of the first ends at once", ({ expect }) => {
    const { program, events, signal, advance } = open();
    expect(signal.aborted).toBe(false);
    program.emit("SIGINT");
    expect(signal.aborted).toBe(true);
    advance(400);
    program.emit("SIGINT");
    expect(events).toEqual(["first"]);
    advance(200);
    program.emit("SIGINT");
    expect(events).toEqual(["first", "exit 4"]);
  });

  test("lets a rollback go on when a CI runner sends SIGTERM after it", ({ expect }) => {
    const { program, events, signal, advance } = open();
    program.emit("SIGINT");
    advance(7_500);
    program.emit("SIGTERM");
    expect(events).toEqual(["first"]);
    expect(signal.aborted).toBe(true);
  });

  test("may be a SIGTERM in the first place", ({ expect }) => {
    const { program, events, signal } = open();
    program.emit("SIGTERM");
    expect(events).toEqual(["first"]);
    expect(signal.aborted).toBe(true);
  });

  test("is what an error is like that nobody has caught", ({ expect }) => {
    const { program, events, signal, advance } = open();
    program.emit("uncaughtException", new Error("a bug"));
    expect(signal.aborted).toBe(true);
    advance(1_000);
    program.emit("uncaughtException", new Error("another one"));
    expect(events).toEqual(["a bug"]);
  });
});
