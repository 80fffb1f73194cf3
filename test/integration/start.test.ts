import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, afterEach, beforeAll, describe, test } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");
const READY = "Ctrl-C stops everything.";
const START_TIMEOUT_MS = 90_000;
const GONE_TIMEOUT_MS = 5_000;

interface Run {
  readonly process: ChildProcess;
  readonly port: number;
  output(): string;
}

interface RunOptions {
  readonly dataDir: string;
  readonly port?: number;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const running = new Set<Run>();

/** What `npm start` runs, without a terminal and without input. */
async function start({ dataDir, port, args = [], env = {} }: RunOptions): Promise<Run> {
  const chosenPort = port ?? (await findFreePort());
  const outside = { PATH: process.env["PATH"], HOME: process.env["HOME"], TMPDIR: process.env["TMPDIR"] };
  const child = spawn("node", ["tools/run.mjs", "tools/dev/start.ts", ...args], {
    cwd: ROOT,
    env: { ...outside, ...env, PORT: String(chosenPort), DATA_DIR: dataDir },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const run = { process: child, port: chosenPort, output: () => output };
  running.add(run);
  return run;
}

async function startAndWait(options: RunOptions): Promise<Run> {
  const run = await start(options);
  for (let waitedMs = 0; waitedMs < START_TIMEOUT_MS && !run.output().includes(READY); waitedMs += 100) {
    if (run.process.exitCode !== null) throw new Error(`It ended while starting:\n${run.output()}`);
    await sleep(100);
  }
  return run;
}

/** Waits for the end; gives the exit code. */
async function end(run: Run, signal?: NodeJS.Signals): Promise<number | null> {
  if (signal !== undefined) run.process.kill(signal);
  if (run.process.exitCode === null && run.process.signalCode === null) await once(run.process, "exit");
  running.delete(run);
  return run.process.exitCode;
}

/** The process and everything that it started, by parentage. */
function processTree(pid: number): number[] {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const descend = (parent: number): number[] => [
    parent,
    ...pairs.flatMap(([child = 0, itsParent]) => (itsParent === parent ? descend(child) : [])),
  ];
  return descend(pid);
}

async function findSurvivors(pids: readonly number[]): Promise<number[]> {
  const isAlive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  for (let waitedMs = 0; waitedMs < GONE_TIMEOUT_MS && pids.some(isAlive); waitedMs += 50) await sleep(50);
  return pids.filter(isAlive);
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function listUsernames(port: number): Promise<string[]> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/users`);
  const page = (await response.json()) as { data: { username: string }[] };
  return page.data.map(({ username }) => username).sort();
}

/** Sends creations all at once; gives how many answers had each status, or each error of the connection. */
async function createAtOnce(port: number, count: number, user: (i: number) => object): Promise<Record<string, number>> {
  const send = async (i: number): Promise<string> => {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/users`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(user(i)),
      });
      await response.arrayBuffer();
      return String(response.status);
    } catch (error) {
      return String(error instanceof Error ? (error.cause ?? error) : error);
    }
  };
  const counts: Record<string, number> = {};
  for (const outcome of await Promise.all(Array.from({ length: count }, (_, i) => send(i)))) {
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "npm-start-"));
});
afterEach(async () => {
  for (const run of running) await end(run, "SIGTERM");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("npm start", { timeout: 4 * START_TIMEOUT_MS }, () => {
  test("Given no terminal, then it serves, keeps data over a restart, and leaves nothing behind", async ({
    expect,
  }) => {
    const dataDir = path.join(folder, "kept");
    const first = await startAndWait({ dataDir });
    expect(first.output()).toContain(`http://127.0.0.1:${first.port}/docs`);
    expect((await fetch(`http://127.0.0.1:${first.port}/health/ready`)).status).toBe(200);
    expect(await listUsernames(first.port)).toEqual(["asmith", "bjones", "jdoe"]);
    const created = await fetch(`http://127.0.0.1:${first.port}/api/v1/users`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username: "kept", email: "kept@example.com", full_name: "Kept User" }),
    });
    expect(created.status).toBe(201);

    const portTaken = await start({ dataDir: path.join(folder, "other"), port: first.port });
    expect(await end(portTaken)).toBe(1);
    expect(portTaken.output()).toMatch(new RegExp(`^Port ${first.port} is in use .*PORT=\\d+ npm start\\n$`));
    const folderTaken = await start({ dataDir });
    expect(await end(folderTaken)).toBe(1);
    expect(folderTaken.output()).toMatch(/The data folder is in use by process \d+ .*DATA_DIR=/);

    const tree = processTree(first.process.pid ?? 0);
    expect(tree.length).toBeGreaterThan(3);
    expect(await end(first, "SIGTERM")).toBe(0);
    expect(await findSurvivors(tree)).toEqual([]);
    expect(readdirSync(dataDir).sort()).toEqual(["postgres"]);

    const second = await startAndWait({ dataDir });
    expect(await listUsernames(second.port)).toEqual(["asmith", "bjones", "jdoe", "kept"]);
    expect(await end(second, "SIGINT")).toBe(0);

    const fresh = await startAndWait({ dataDir, args: ["--fresh"] });
    expect(await listUsernames(fresh.port)).toEqual(["asmith", "bjones", "jdoe"]);
    expect(await end(fresh, "SIGTERM")).toBe(0);
  });

  test("Given it is killed, then its children end too, and the next start takes over the folder and an API key", async ({
    expect,
  }) => {
    const dataDir = path.join(folder, "killed");
    const victim = await startAndWait({ dataDir });
    const tree = processTree(victim.process.pid ?? 0);
    process.kill(tree[1] ?? 0, "SIGKILL");
    await end(victim);
    expect(await findSurvivors(tree)).toEqual([]);

    const key = "k'e$y\"1";
    const next = await startAndWait({ dataDir, env: { API_KEY: key } });
    const url = `http://127.0.0.1:${next.port}/api/v1/users`;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { headers: { "X-API-Key": "wrong" } })).status).toBe(403);
    expect((await fetch(url, { headers: { "X-API-Key": key } })).status).toBe(200);
    expect(next.output()).toContain("curl -H 'X-API-Key: YOUR_KEY'");
    expect(next.output()).not.toContain(key);
    const commandLines = execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" });
    expect(commandLines).not.toContain(key);
    expect(await end(next, "SIGTERM")).toBe(0);
  });

  test("Given a bad configuration, then it says which variable is wrong, not its value, and starts nothing", async ({
    expect,
  }) => {
    const dataDir = path.join(folder, "unused");
    const run = await start({ dataDir, env: { API_KEYS: "sesame", LOG_LEVEL: "loud" } });
    expect(await end(run)).toBe(1);
    expect(run.output()).toMatch(/^Invalid configuration: API_KEYS .*LOG_LEVEL .*\n$/);
    expect(run.output()).not.toContain("sesame");
    expect(readdirSync(folder)).not.toContain("unused");
  });

  test("Given a signal while it still starts, then it stops all the same", async ({ expect }) => {
    const run = await start({ dataDir: path.join(folder, "early") });
    while (!run.output().includes("Starting PostgreSQL")) await sleep(20);
    const tree = processTree(run.process.pid ?? 0);
    expect(await end(run, "SIGTERM")).toBe(0);
    expect(await findSurvivors(tree)).toEqual([]);
  });

  test("Given bursts with pauses as long as idle connections live, then each request is answered, and races have one winner", async ({
    expect,
  }) => {
    // A slow machine may take long for a thousand requests; what counts here is that none is lost.
    const run = await startAndWait({ dataDir: path.join(folder, "bursts"), env: { REQUEST_TIMEOUT_MS: "60000" } });
    for (const pauseMs of [4_900, 5_000, 5_100]) {
      const burst = await createAtOnce(run.port, 50, (i) => ({
        username: `burst${pauseMs}x${i}`,
        email: `burst${pauseMs}x${i}@example.com`,
        full_name: "Burst",
      }));
      expect(burst).toEqual({ "201": 50 });
      await sleep(pauseMs);
    }
    for (const username of ["race0", "race1"]) {
      const race = await createAtOnce(run.port, 1_000, (i) => ({
        username,
        email: `${username}x${i}@example.com`,
        full_name: "Racer",
      }));
      expect(race).toEqual({ "201": 1, "409": 999 });
    }
    expect(run.process.exitCode).toBeNull();
    expect(await end(run, "SIGTERM")).toBe(0);
  });
});
