import { mkdtempSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, test } from "vitest";

import { commandOf, isRunning, startOf } from "../../tools/process/processes.ts";
import { findFreePorts, type LongCommand, startCommand, waitForOutput } from "../support/long-command.ts";
import { processTree } from "../support/npm-start.ts";
import { uploadForm } from "../unit/tools/cloudflare-emulator/control-plane/api.ts";

/** A busy machine may take its time. */
const GONE = { timeout: 30_000, interval: 50 };
const READY = "Ctrl-C stops everything";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "killed-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));

interface Seen {
  readonly pid: number;
  readonly start: string | undefined;
  readonly command: string;
}

/** All that a process has started by now, itself included. */
function look(pid: number | undefined): Seen[] {
  return processTree(pid ?? 0).map((id) => ({ pid: id, start: startOf(id), command: commandOf(id) ?? "" }));
}

/** Those that are still there; the start tells them from others that got their ids. */
const survivorsOf = (seen: readonly Seen[]) => () =>
  seen.filter(({ pid, start }) => isRunning(pid) && startOf(pid) === start).map(({ command }) => command);

/** Deploys a Worker to an emulator that has just said how it is reached. */
async function deploy({ output }: LongCommand): Promise<void> {
  const variable = (name: string): string => new RegExp(`export ${name}=(\\S+)`).exec(output())?.[1] ?? "";
  const account = `${variable("CLOUDFLARE_API_BASE_URL")}/accounts/${variable("CLOUDFLARE_ACCOUNT_ID")}`;
  const headers = { authorization: `Bearer ${variable("CLOUDFLARE_API_TOKEN")}` };
  const response = await fetch(`${account}/workers/scripts/worker`, { method: "PUT", headers, body: uploadForm() });
  if (response.status !== 200) throw new Error(await response.text());
}

async function startEmulator(script: string, ...args: string[]): Promise<LongCommand> {
  const port = await findFreePorts(2);
  const ports = ["--port", String(port), "--proxy-port", String(port + 1)];
  const command = startCommand(script, [...args, ...ports, "--state-dir", path.join(folder, "state")]);
  await waitForOutput(command, READY);
  return command;
}

/** Waits until a command has started a process of each kind; gives all that it has started by then. */
async function waitForProcesses({ child, output }: LongCommand, kinds: readonly RegExp[]): Promise<Seen[]> {
  for (;;) {
    const seen = look(child.pid);
    if (kinds.every((kind) => seen.some(({ command }) => kind.test(command)))) return seen;
    if (child.exitCode !== null) throw new Error(`It ended:\n${output()}`);
    await sleep(50);
  }
}

const isRuntime = ({ command }: Seen): boolean => command.includes("workerd");

describe("The emulator's command", { timeout: 120_000 }, () => {
  test("leaves no process behind when it is killed, and the next one takes over its folder", async ({ expect }) => {
    const killed = await startEmulator("tools/cloudflare-emulator/main.ts");
    await deploy(killed);
    const seen = look(killed.child.pid);
    expect(seen.filter(isRuntime)).toHaveLength(1);
    killed.child.kill("SIGKILL");
    await expect.poll(survivorsOf(seen), GONE).toEqual([]);

    const next = await startEmulator("tools/cloudflare-emulator/main.ts");
    const others = look(next.child.pid);
    expect(others.filter(isRuntime), "serves what was deployed").toHaveLength(1);
    next.child.kill("SIGTERM");
    expect(await next.exited).toBe(0);
    await expect.poll(survivorsOf(others), GONE).toEqual([]);
  });

  test("ends when the script that npm runs is killed", async ({ expect }) => {
    const command = await startEmulator("tools/run.mjs", "tools/cloudflare-emulator/main.ts");
    const seen = look(command.child.pid);
    expect(seen.filter(isRuntime)).toHaveLength(1);
    command.child.kill("SIGKILL");
    await expect.poll(survivorsOf(seen), GONE).toEqual([]);
  });
});

describe("The rehearsal", { timeout: 300_000 }, () => {
  test("leaves neither processes nor its folder behind when it is killed", async ({ expect }) => {
    // Its own PostgreSQL, and a place for all that it writes.
    const env = { ...process.env, PG_URL: undefined, SHARED_POSTGRES_URL: undefined, TMPDIR: folder };
    const command = startCommand("tools/rehearsal/rehearse.ts", ["--only", "good", "--out", folder], env);
    const seen = await waitForProcesses(command, [/workerd serve/, /postgres\b.* -D /]);
    command.child.kill("SIGKILL");
    await expect.poll(survivorsOf(seen), GONE).toEqual([]);
    const rehearsals = async () => (await readdir(folder)).filter((name) => name.startsWith("users-api-rehearsal-"));
    await expect.poll(rehearsals, GONE).toEqual([]);
  });
});
