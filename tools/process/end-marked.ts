// The process that `endWithUs` starts. Arguments: the mark, then folders to remove.
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { whenParentIsGone } from "./end-with-parent.ts";
import { processesWith } from "./processes.ts";

/** For a clean end: a database closes its files in much less. */
const GRACE_MS = 2_000;
const KILL_MS = 10_000;
const POLL_MS = 50;

const [mark = "", ...folders] = process.argv.slice(2);

whenParentIsGone(() => void cleanUp());

async function cleanUp(): Promise<void> {
  const isClean = (await endMarked("SIGTERM", GRACE_MS)) || (await endMarked("SIGKILL", KILL_MS));
  for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  process.exit(isClean ? 0 : 1);
}

/** Sends the signal to all that there are, and to those that they still start; gives whether none is left in time. */
async function endMarked(signal: NodeJS.Signals, timeoutMs: number): Promise<boolean> {
  const told = new Set<number>();
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += POLL_MS) {
    const pids = processesWith(mark);
    if (pids.length === 0) return true;
    for (const pid of pids.filter((found) => !told.has(found))) send(pid, signal);
    for (const pid of pids) told.add(pid);
    await sleep(POLL_MS);
  }
  return false;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
