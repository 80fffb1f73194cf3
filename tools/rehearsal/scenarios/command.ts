import { spawn } from "node:child_process";
import { getPriority, setPriority } from "node:os";
import { createInterface } from "node:readline";

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
  // In a group of its own: the terminal's Ctrl-C is ours to pass on, once.
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  yieldToService(child.pid);
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", onLine);
  const end = Promise.withResolvers<number | null>();
  child.once("error", end.reject);
  child.once("close", (code) => end.resolve(code));
  let timer: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    child.kill("SIGINT");
    timer = setTimeout(() => endGroup(child.pid), INTERRUPT_TIMEOUT_MS);
  };
  const onExit = (): void => endGroup(child.pid);
  signal.addEventListener("abort", interrupt, { once: true });
  process.once("exit", onExit);
  try {
    return await end.promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", interrupt);
    process.off("exit", onExit);
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

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
