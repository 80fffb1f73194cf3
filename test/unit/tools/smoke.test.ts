import { execFile } from "node:child_process";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import path from "node:path";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";

import { describe, onTestFinished, test } from "vitest";

import { parseSmokeOptions, type SmokeOptions } from "../../../tools/smoke/options.ts";
import { createConsoleReport } from "../../../tools/smoke/report.ts";
import { runSmoke } from "../../../tools/smoke/run.ts";

const MAIN = path.resolve(import.meta.dirname, "../../../tools/smoke/main.ts");
const VERSION = "v1";

const SOUND_HEADERS = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'",
  "Strict-Transport-Security": "max-age=63072000",
  "X-Content-Type-Options": "nosniff",
  "X-Request-ID": "request-1",
  "X-Version-Id": VERSION,
};

/** Answers with headers that break no rule, so that each test breaks the one it is about. */
function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const contentType = status < 400 ? "application/json" : "application/problem+json";
  response.writeHead(status, { ...SOUND_HEADERS, "Content-Type": contentType, ...headers });
  response.end(JSON.stringify(body));
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}

async function smoke(url: string, overrides: Partial<SmokeOptions> = {}, signal?: AbortSignal) {
  const lines: string[] = [];
  const options = parseSmokeOptions(["--url", url], {});
  if (options === null) throw new Error("no options");
  const report = createConsoleReport({ write: (line) => lines.push(line), hasColor: false });
  const result = await runSmoke({ ...options, timeoutMs: 2_000, ...overrides }, report, signal);
  return { ...result, lines, failed: result.failures.map(({ name }) => name) };
}

/** A users API that does little more than keep users, to see whether they are removed. */
function createUserStore({ isLosingAnswers = false } = {}) {
  const users = new Map<string, string>();
  const methods: string[] = [];
  const create = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const username = /"username":"([a-z0-9]+)"/.exec(await text(request))?.[1] ?? `other${users.size}`;
    users.set(`id-of-${username}`, username);
    if (isLosingAnswers) request.socket.destroy();
    else answer(response, 201, { id: `id-of-${username}` });
  };
  const listener: RequestListener = (request, response) => {
    const { method = "", url = "" } = request;
    methods.push(method);
    const [, , , , kind = "", key = ""] = url.split("/");
    if (method === "POST") return void create(request, response);
    if (method === "DELETE") {
      users.delete(key);
      return response.writeHead(204, SOUND_HEADERS).end();
    }
    const id = `id-of-${key}`;
    return kind === "username" && users.has(id)
      ? answer(response, 200, { id })
      : answer(response, 404, { type: "/problems/user-not-found" });
  };
  return { users, methods, listener };
}

describe("a deployment that is wrong", () => {
  test("fails by name, with what was expected and seen", async ({ expect }) => {
    const url = await serve(({ url: target }, response) => {
      if (target === "/health") answer(response, 200, { status: "ok", timestamp: "2026-01-31T12:00:00Z" });
      else answer(response, 200, { status: "sleepy" });
    });
    const { outcome, failures, failed, passed, lines } = await smoke(url);
    expect(outcome).toBe("failed");
    expect(lines).toContain("ok    health: GET /health says ok");
    expect(lines).toContain("FAIL  health: GET /ready says ready");
    expect(lines).toContain('        status: expected "ready", saw "sleepy"');
    expect(failed).toContain("create: a taken username is refused with 409, whatever its case");
    expect(failed).toContain("bad body: more than 64 KiB is refused with 413, announced or not");
    expect(failed).toContain("routing: PUT /api/v1/users is refused with 405 and Allow, without credentials");
    expect(failures.every(({ problems }) => problems.length > 0)).toBe(true);
    expect(lines.filter((line) => /^(ok {2}|FAIL|skip)/.test(line))).toHaveLength(passed + failures.length);
  });

  test("fails by a wrong status or a wrong header alone", async ({ expect }) => {
    const statusName = "routing: OPTIONS /api/v1/users answers 204 with Allow";
    const headerName = "routing: OPTIONS /health answers 204 with Allow";
    const url = await serve(({ url: target }, response) => {
      if (target === "/health") response.writeHead(204, { ...SOUND_HEADERS, Allow: "GET" }).end();
      else answer(response, 200, {}, { Allow: "GET, HEAD, OPTIONS, POST" });
    });
    const { failures } = await smoke(url);
    const problemsOf = (wanted: string) => failures.find(({ name }) => name === wanted)?.problems;
    expect(problemsOf(statusName)).toEqual(["OPTIONS /api/v1/users: expected status 204, saw 200 (request request-1)"]);
    expect(problemsOf(headerName)).toEqual(['Allow: expected ["GET","HEAD","OPTIONS"], saw ["GET"]']);
  });

  test.for([
    { header: "X-Request-ID", value: "with space", rule: "every answer: X-Request-ID is there and sound" },
    { header: "Cache-Control", value: "", rule: "every answer: Cache-Control is there and sound" },
    { header: "X-Content-Type-Options", value: "", rule: "every answer: X-Content-Type-Options is there and sound" },
    {
      header: "Strict-Transport-Security",
      value: "max-age=0",
      rule: "every answer: Strict-Transport-Security is there and sound",
    },
    {
      header: "Content-Security-Policy",
      value: "default-src *",
      rule: "every answer: the CSP of JSON lets nothing load",
    },
    { header: "X-Version-Id", value: "v0", rule: "every answer: comes from version v1" },
    { header: "ETag", value: '"1"', rule: "every answer: a tag is strong, and nobody may transform what it is of" },
    { header: "ETag", value: 'W/"1"', rule: "every answer: a tag is strong, and nobody may transform what it is of" },
  ])("fails by one answer with a wrong $header", async ({ header, value, rule }, { expect }) => {
    const url = await serve(({ url: target }, response) => {
      answer(response, 200, {}, target === "/health/live" ? { [header]: value } : {});
    });
    const { failures, failed } = await smoke(url, { expectVersion: VERSION });
    expect(failures.find(({ name }) => name === rule)?.problems).toEqual([
      expect.stringContaining("GET /health/live: expected"),
    ]);
    expect(failed.filter((name) => /sound|CSP|version|transform/.test(name))).toEqual([rule]);
  });

  test("fails when a cache could hand a compressed answer to whoever does not accept it", async ({ expect }) => {
    const compressed = (target: string | undefined): Record<string, string> => {
      if (target === "/health") return { "Cache-Control": "no-cache" };
      return {
        "Cache-Control": "no-cache",
        "Content-Encoding": "gzip",
        Vary: target === "/" ? "Accept" : "Accept-Encoding",
      };
    };
    const url = await serve(({ url: target }, response) => {
      const headers = compressed(target);
      response.writeHead(200, { ...SOUND_HEADERS, "Content-Type": "application/json", ...headers });
      response.end("Content-Encoding" in headers ? gzipSync("{}") : "{}");
    });
    const rule = "every answer: what is compressed and may be stored varies by Accept-Encoding";
    const { failures } = await smoke(url);
    expect(failures.find(({ name }) => name === rule)?.problems).toEqual([
      "GET /: expected Vary with Accept-Encoding, saw Accept",
    ]);
  });

  test("fails when an error is no problem document, or is a 5xx", async ({ expect }) => {
    const url = await serve((_request, response) =>
      answer(response, 500, { error: "stack" }, { "Content-Type": "text/plain" }),
    );
    const { failed, lines } = await smoke(url);
    expect(failed).toContain("every answer: errors are complete problem documents");
    expect(failed).toContain("every answer: none is a 5xx");
    expect(lines.join()).not.toContain("stack");
  });

  test("fails when it is given a key and answers without one", async ({ expect }) => {
    const url = await serve((_request, response) => answer(response, 200, {}));
    expect((await smoke(url)).failed.some((name) => name.startsWith("access:"))).toBe(false);
    expect((await smoke(url, { apiKey: "key" })).failed).toContain(
      "access: a request without credentials is refused with 401 and WWW-Authenticate",
    );
  });

  test("fails when an answer takes too long", async ({ expect }) => {
    const url = await serve(({ url: target }, response) => {
      if (target !== "/docs") answer(response, 200, {});
    });
    const { failures } = await smoke(url, { timeoutMs: 300 });
    const docs = failures.find(({ name }) => name.includes("GET /docs"));
    expect(docs?.problems).toEqual([
      expect.stringContaining("GET /docs: expected an answer, saw The operation was aborted due to timeout"),
    ]);
  });
});

describe("what a run leaves behind", () => {
  test("is nothing, though most checks failed", async ({ expect }) => {
    const { users, methods, listener } = createUserStore();
    const { failed } = await smoke(await serve(listener));
    expect(methods.filter((method) => method === "POST").length).toBeGreaterThan(10);
    expect(failed.length).toBeGreaterThan(10);
    expect(failed).not.toContain("cleanup: the users of this run are removed");
    expect([...users.values()]).toEqual([]);
  });

  test("is nothing, though the answers to the creations were lost", async ({ expect }) => {
    const { users, listener } = createUserStore({ isLosingAnswers: true });
    await smoke(await serve(listener));
    expect([...users.values()].filter((username) => username.startsWith("smoke"))).toEqual([]);
  });

  test("is nothing when it is interrupted", async ({ expect }) => {
    const { users, listener } = createUserStore();
    const stopRequest = new AbortController();
    const url = await serve((request, response) => {
      if (users.size === 3) stopRequest.abort();
      listener(request, response);
    });
    expect((await smoke(url, {}, stopRequest.signal)).outcome).toBe("interrupted");
    expect([...users.values()]).toEqual([]);
  });

  test("is everything with --no-cleanup", async ({ expect }) => {
    const { users, listener } = createUserStore();
    await smoke(await serve(listener), { hasCleanup: false });
    expect(users.size).toBeGreaterThan(10);
  });

  test("is untouched in a read-only run, which sends no request that could write", async ({ expect }) => {
    const { methods, listener } = createUserStore();
    const { skipped, lines } = await smoke(await serve(listener), { isReadOnly: true });
    expect(new Set(methods)).toEqual(new Set(["GET", "HEAD", "OPTIONS"]));
    expect(skipped).toBeGreaterThan(30);
    expect(lines.filter((line) => line.startsWith("skip"))).toHaveLength(skipped);
    expect(lines.join("\n")).not.toContain("the check itself broke");
  });
});

describe("every request", () => {
  test("carries the given headers, and the key unless the check is about its absence", async ({ expect }) => {
    const overrides: unknown[] = [];
    const keys = new Set<unknown>();
    const url = await serve(({ headers }, response) => {
      overrides.push(headers["x-override"]);
      keys.add(headers["x-api-key"]);
      answer(response, 200, {});
    });
    await smoke(url, { apiKey: "key", headers: [["X-Override", "version"]] });
    expect(new Set(overrides)).toEqual(new Set(["version"]));
    expect(keys).toEqual(new Set(["key", undefined, "smoke-test-with-a-wrong-key"]));
  });
});

describe("the command", () => {
  const run = (args: readonly string[]) =>
    new Promise<{ code: number; output: string }>((resolve) => {
      const env = { PATH: process.env["PATH"] };
      execFile(process.execPath, [MAIN, ...args], { env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
      });
    });

  test("exits with 1 and a summary when something failed", async ({ expect }) => {
    const { code, output } = await run(["--url", await serve((_request, response) => answer(response, 200, {}))]);
    expect(code).toBe(1);
    expect(output).toMatch(/\n\d+ passed, \d+ failed\n$/);
    expect(output).not.toContain("\u001B");
  });

  test("exits with 2 on wrong usage and without a key that the API asks for", async ({ expect }) => {
    expect(await run([])).toMatchObject({ code: 2, output: expect.stringContaining("--url is missing") as string });
    const url = await serve((_request, response) => answer(response, 401, {}));
    expect(await run(["--url", url])).toMatchObject({
      code: 2,
      output: expect.stringContaining("--api-key") as string,
    });
  });

  test("exits with 3 when nobody listens", async ({ expect }) => {
    // Port 9 (discard) is below those that a test could be using.
    const { code, output } = await run(["--url", "http://127.0.0.1:9"]);
    expect(code).toBe(3);
    expect(output).toContain("expected an answer");
  });

  test("explains itself", async ({ expect }) => {
    expect(await run(["--help"])).toMatchObject({ code: 0, output: expect.stringContaining("--read-only") as string });
  });
});
