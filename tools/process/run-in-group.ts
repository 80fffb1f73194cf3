import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";

import { killGroup } from "./group.ts";

export interface GroupOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its output: pipes when absent. */
  readonly output?: readonly [out: number, error: number];
  /** What it reads; nothing when absent. */
  readonly input?: string;
}

export interface Ending {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly endedBy: NodeJS.Signals | null;
}

/** A script that runs in a process group of its own. */
export interface GroupRun {
  readonly child: ChildProcess;
  /** Resolves when it has ended and its output is complete; rejects when it cannot be started. */
  readonly ended: Promise<Ending>;
  /** Ends it at once, with all that it started. */
  kill(): void;
}

/** Starts a script on this Node. The terminal's Ctrl-C does not reach it: what that means for it is ours to say. */
export function runInGroup(
  script: string,
  args: readonly string[],
  { cwd, env, output, input }: GroupOptions,
): GroupRun {
  const stdio: StdioOptions = [input === undefined ? "ignore" : "pipe", ...(output ?? (["pipe", "pipe"] as const))];
  // Warnings of Node itself are none of the script's words.
  const command = ["--no-warnings", script, ...args];
  const child = spawn(process.execPath, command, { cwd, env, stdio, detached: true, windowsHide: true });
  child.stdin?.on("error", () => undefined); // It has ended without reading: its exit code tells.
  child.stdin?.end(input);
  const { promise: ended, resolve, reject } = Promise.withResolvers<Ending>();
  child.once("error", reject);
  // Not "exit": its last words may still be on their way.
  child.once("close", (exitCode, endedBy) => resolve({ exitCode, endedBy }));
  return { child, ended, kill: () => killGroup(child) };
}
