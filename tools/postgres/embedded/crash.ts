import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

import { childrenOf, isRunning, isZombie } from "../../process/processes.ts";

const CRASH_TIMEOUT_MS = 10_000; // A process in the middle of a write to a slow disk ends after it.

/** A child that a crash has left to somebody who does not ask for its exit code is gone as well. */
const isGone = (pid: number): boolean => !isRunning(pid) || isZombie(pid);

/** Kills a server and all its processes at once, and waits until they are gone. Rejects when one does not end. */
export async function crashServer(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  // Stopped, it neither starts a process that we do not know of, nor notices that its own end and begins to recover.
  send(child.pid, "SIGSTOP");
  const pids = [child.pid, ...childrenOf(child.pid)];
  for (const pid of pids) send(pid, "SIGKILL");
  const deadline = performance.now() + CRASH_TIMEOUT_MS;
  while (!pids.every(isGone) || (child.exitCode === null && child.signalCode === null)) {
    if (performance.now() > deadline)
      throw new Error(`PostgreSQL did not end within ${CRASH_TIMEOUT_MS} ms of SIGKILL`);
    await delay(10);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
