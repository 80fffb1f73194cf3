import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

import { killGroup, stopGroup } from "./group.ts";
import { waitForAnswer } from "./wait-for-answer.ts";

export interface ServerCommand {
  /** For messages. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Besides our own environment: secrets go here, for everybody can see arguments. */
  readonly env?: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Receives all output; emptied first. */
  readonly logFile: string;
  /** Answers as soon as the server is up. */
  readonly probeUrl: string;
}

/** A server in a process of its own. */
export interface ServerProcess {
  readonly pid: number;
  /** Milliseconds from the start of the process to its first answer. */
  readonly startMs: number;
  /** Throws with the end of its log when it has ended without being asked to. */
  assertAlive(): void;
  stop(): Promise<void>;
}

const LOG_TAIL = 2_000; // Characters of the log in an error.

/** Starts a server and waits until it answers; rejects with its log when it does not. */
export async function startServerProcess(command: ServerCommand): Promise<ServerProcess> {
  const startedAt = performance.now();
  const child = start(command);
  const isAlive = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const fail = (reason: string): never => {
    throw new Error(`${command.name}: ${reason}\n${readFileSync(command.logFile, "utf8").slice(-LOG_TAIL)}`);
  };
  // A second Ctrl-C ends us at once; nothing may outlive that.
  const kill = (): void => killGroup(child);
  process.on("exit", kill);
  let startMs = 0;
  try {
    await waitForAnswer(command.probeUrl, isAlive);
    startMs = performance.now() - startedAt;
  } catch (error) {
    await stopGroup(child);
    process.off("exit", kill);
    return fail(error instanceof Error ? error.message : String(error));
  }
  return {
    pid: child.pid ?? 0,
    startMs,
    assertAlive: () => (isAlive() ? undefined : fail("ended unexpectedly")),
    async stop() {
      await stopGroup(child);
      process.off("exit", kill);
    },
  };
}

function start({ program, args, env = {}, folder, logFile }: ServerCommand): ChildProcess {
  const log = openSync(logFile, "w", 0o600);
  // A group of its own, so that Ctrl-C reaches only us.
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: undefined, ...env },
    detached: process.platform !== "win32",
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  // Without a listener, a program that is not there would end us; `pid` tells.
  child.once("error", () => undefined);
  return child;
}
