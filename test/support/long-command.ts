import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { closeServer, listen } from "../../tools/net/listen.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** A command that runs until it is stopped. */
export interface LongCommand {
  readonly child: ChildProcess;
  /** Standard output and error so far. */
  readonly output: () => string;
  /** Its exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>;
}

/** Starts a script of the project on this Node. */
export function startCommand(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): LongCommand {
  const child = spawn(process.execPath, [path.join(ROOT, script), ...args], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  // Not "exit": its last words may still be on their way.
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, output: () => output, exited };
}

/** Waits for a text in the output; rejects with all of it when the command ends before. */
export async function waitForOutput({ output, exited }: LongCommand, text: string): Promise<void> {
  let hasEnded = false;
  void exited.then(() => (hasEnded = true));
  while (!output().includes(text)) {
    if (hasEnded) throw new Error(`It ended:\n${output()}`);
    await sleep(20);
  }
}

/** The first of so many free ports in a row. */
export async function findFreePorts(count: number): Promise<number> {
  for (;;) {
    const first = await tryPort(0);
    const others = await Promise.all(Array.from({ length: count - 1 }, (_, index) => tryPort(first + index + 1)));
    if (!others.includes(0)) return first;
  }
}

/** Listens for a moment; gives the port, or 0 when it is taken. */
async function tryPort(port: number): Promise<number> {
  const server = createServer();
  const found = await listen(server, { port }).catch(() => 0);
  if (found !== 0) await closeServer(server);
  return found;
}
