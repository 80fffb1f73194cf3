import { getPriority, setPriority } from "node:os";
import { createInterface } from "node:readline";

import { runInGroup } from "../../process/run-in-group.ts";

export interface CommandOptions {
  /** A script for this Node. */
  readonly script: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard output and error, line by line. */
  readonly onLine: (line: string) => void;
  /** Interrupts it as Ctrl-C would; it may then take its time to leave a safe state. */
  readonly signal: AbortSignal;
}

/** Longer than a rollback with all its attempts. */
const INTERRUPT_TIMEOUT_MS = 90_000;
/** A third of the processor time of others when there is not enough of it. */
const MORE_NICE = 5;
const MAX_NICENESS = 19;

/** Runs a command until it has ended; gives its exit code, null when a signal ended it. */
export async function runCommand({ script, args, cwd, env, onLine, signal }: CommandOptions): Promise<number | null> {
  signal.throwIfAborted();
  // The terminal's Ctrl-C is ours to pass on, once.
  const { child, ended, kill } = runInGroup(script, args, { cwd, env });
  yieldToService(child.pid);
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null) createInterface({ input: stream }).on("line", onLine);
  let timer: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    child.kill("SIGINT");
    timer = setTimeout(kill, INTERRUPT_TIMEOUT_MS);
  };
  signal.addEventListener("abort", interrupt, { once: true });
  process.once("exit", kill);
  try {
    return (await ended).exitCode;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", interrupt);
    process.off("exit", kill);
  }
}

/** In reality a release runs on another machine: its builds must not take the service's share of this one. */
function yieldToService(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, Math.min(MAX_NICENESS, getPriority() + MORE_NICE));
  } catch {
    // It has ended already, or the system does not know priorities.
  }
}
