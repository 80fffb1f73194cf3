import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";

import { afterEach, describe, test } from "vitest";

import { closeServer, listen } from "../../tools/net/listen.ts";
import type { Summary } from "../../tools/top/summary.ts";
import { end, type Run, START_TIMEOUT_MS, startAndWait, useDataFolder } from "../support/npm-start.ts";

interface Top {
  readonly process: ChildProcess;
  output(): string;
  errors(): string;
}

const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});

/** `npm run top` without a terminal, beside that `npm start`. */
function runTop(args: readonly string[], { dataDir, port }: { dataDir: string; port: number }): Top {
  const { METRICS_TOKEN: _token, ...env } = process.env;
  const child = spawn(process.execPath, ["tools/top/main.ts", ...args], {
    env: { ...env, PORT: String(port), DATA_DIR: dataDir },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  running.add(child);
  return { process: child, output: () => output, errors: () => errors };
}

async function exitCode({ process: child }: Top, signal?: NodeJS.Signals): Promise<number | null> {
  if (signal !== undefined) child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await once(child, "close");
  return child.exitCode;
}

/** How many requests of a route all tables so far tell, and with which share of each kind, summed up. */
function countsOf(top: Top, route: string) {
  const tables = top.output().split("\n").slice(0, -1);
  const rows = tables.flatMap((line) => {
    const { seconds, routes }: Summary = JSON.parse(line);
    return routes.filter(({ name }) => name === route).map((row) => ({ ...row, requests: row.perSecond * seconds }));
  });
  const sum = (of: (row: (typeof rows)[number]) => number) => Math.round(rows.reduce((all, row) => all + of(row), 0));
  return {
    requests: sum(({ requests }) => requests),
    refused: sum(({ requests, clientErrors }) => requests * clientErrors),
  };
}

async function send(run: Run, target: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await (await fetch(`http://127.0.0.1:${run.port}${target}`)).arrayBuffer();
}

/** Metrics that never come; `asked` settles once somebody wants them. */
async function startSlowMetrics() {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const server = createServer(() => resolve());
  const port = await listen(server, { port: 0 });
  return { url: `http://127.0.0.1:${port}`, asked, stop: () => closeServer(server) };
}

const folder = useDataFolder();
const POLL = { timeout: 60_000, interval: 250 };

describe("npm run top beside npm start", { timeout: 4 * START_TIMEOUT_MS }, () => {
  test("counts what was sent, also over a restart of what it looks at, and ends with Ctrl-C", async ({ expect }) => {
    const dataDir = path.join(folder.path, "live");
    const first = await startAndWait({ dataDir });
    const { port } = first;
    const top = runTop(["--json", "--interval", "1"], { dataDir, port });
    await expect.poll(() => top.output(), POLL).not.toBe("");

    await send(first, "/api/v1/users", 30);
    await send(first, "/api/v1/users/id/nonsense", 20);
    await expect.poll(() => countsOf(top, "GET /api/v1/users"), POLL).toEqual({ requests: 30, refused: 0 });
    await expect.poll(() => countsOf(top, "GET /api/v1/users/id/:id"), POLL).toEqual({ requests: 20, refused: 20 });

    expect(await end(first, "SIGTERM")).toBe(0);
    await expect.poll(() => top.errors(), POLL).toMatch(/No answer from .* Trying again every 1 s\./);
    const second = await startAndWait({ dataDir, port });
    await send(second, "/api/v1/users", 5);
    await expect.poll(() => countsOf(top, "GET /api/v1/users"), POLL).toEqual({ requests: 35, refused: 0 });
    expect(await exitCode(top, "SIGINT")).toBe(0);
    expect(await end(second, "SIGTERM")).toBe(0);
  });

  test("shows one table, or why there is none, with an exit code that says which", async ({ expect }) => {
    const dataDir = path.join(folder.path, "once");
    const run = await startAndWait({ dataDir });
    const where = { dataDir, port: run.port };
    await send(run, "/health", 3);
    const plain = runTop(["--once", "--interval", "1"], where);
    expect(await exitCode(plain)).toBe(0);
    expect(plain.output()).toMatch(/requests counted in all\n\n429: .*breakers: 0 open[^]*(?:ROUTE|No requests)/);
    expect(plain.output()).not.toContain("\u001B");

    const url = /http\S+\/metrics/.exec(plain.output())?.[0] ?? "";
    const wrong = path.join(folder.path, "wrong-token");
    writeFileSync(wrong, "wrong");
    const refused = runTop(["--once", "--url", url, "--token-file", wrong], where);
    expect(await exitCode(refused)).toBe(1);
    expect(refused.errors()).toMatch(/refuses the token.*--token-file FILE, or METRICS_TOKEN/);

    const slow = await startSlowMetrics();
    const interrupted = runTop(["--once", "--url", slow.url], where);
    await slow.asked;
    expect(await exitCode(interrupted, "SIGINT")).toBe(130);
    expect([interrupted.output(), interrupted.errors()]).toEqual(["", ""]);
    await slow.stop();

    expect(await end(run, "SIGTERM")).toBe(0);
    const nowhere = runTop(["--once"], where);
    expect(await exitCode(nowhere)).toBe(2);
    expect(nowhere.errors()).toContain("No npm start runs here with telemetry");
    const unreachable = runTop(["--once", "--url", url], where);
    expect(await exitCode(unreachable)).toBe(3);
  });
});
