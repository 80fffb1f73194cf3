import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, afterEach, beforeAll } from "vitest";

import { findFreePort } from "../../tools/net/listen.ts";
import { descendantsOf, readParents } from "../../tools/process/process-tree.ts";
import { isRunning } from "../../tools/process/processes.ts";
import { checkLogText } from "./log-schema.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const READY = "Ctrl-C stops everything.";
export const START_TIMEOUT_MS = 90_000;
const GONE_TIMEOUT_MS = 5_000;

export interface Run {
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
export async function start({ dataDir, port, args = [], env = {} }: RunOptions): Promise<Run> {
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

export async function startAndWait(options: RunOptions): Promise<Run> {
  const run = await start(options);
  for (let waitedMs = 0; waitedMs < START_TIMEOUT_MS && !run.output().includes(READY); waitedMs += 100) {
    if (run.process.exitCode !== null) throw new Error(`It ended while starting:\n${run.output()}`);
    await sleep(100);
  }
  return run;
}

/** Waits for the end; gives the exit code. Throws when an event of its log is not as documented. */
export async function end(run: Run, signal?: NodeJS.Signals): Promise<number | null> {
  if (signal !== undefined) run.process.kill(signal);
  if (run.process.exitCode === null && run.process.signalCode === null) await once(run.process, "exit");
  running.delete(run);
  checkLogText(run.output());
  return run.process.exitCode;
}

/** The process and everything that it started, by parentage. */
export function processTree(pid: number): number[] {
  return [pid, ...descendantsOf(pid, readParents())];
}

export async function findSurvivors(pids: readonly number[]): Promise<number[]> {
  for (let waitedMs = 0; waitedMs < GONE_TIMEOUT_MS && pids.some(isRunning); waitedMs += 50) await sleep(50);
  return pids.filter(isRunning);
}

/** A folder for the data of a file's runs; whatever a test leaves running is ended after it. */
export function useDataFolder(): { readonly path: string } {
  const folder = { path: "" };
  beforeAll(() => {
    folder.path = mkdtempSync(path.join(tmpdir(), "npm-start-"));
  });
  afterEach(async () => {
    for (const run of running) await end(run, "SIGTERM");
  });
  afterAll(() => rmSync(folder.path, { recursive: true, force: true }));
  return folder;
}
