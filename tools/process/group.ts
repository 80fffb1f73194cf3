import type { ChildProcess } from "node:child_process";
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** Time for a clean end; usually a tenth of a second is enough. */
const GRACE_MS = 4_000;
const POLL_MS = 50;

/** Ends a child that leads its own process group, with everything that it started. */
export async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  signalGroup(child.pid, "SIGTERM");
  for (let waitedMs = 0; waitedMs < GRACE_MS && isGroupAlive(child.pid); waitedMs += POLL_MS) await sleep(POLL_MS);
  killGroup(child);
}

/** Ends the group at once. */
export function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
}

function signalGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  if (process.platform === "win32") {
    spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore" });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}

function isGroupAlive(pid: number): boolean {
  try {
    process.kill(process.platform === "win32" ? pid : -pid, 0);
    return true;
  } catch {
    return false;
  }
}
