import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import path from "node:path";

const CALLER_POLL_MS = 200;

export interface EndWithUsOptions {
  /** Folders to remove as well, by their absolute paths. */
  readonly folders?: readonly string[];
}

/**
 * From now on, nothing that this process starts outlives it, even when it is killed and cannot clean up. For programs of others,
 * which know no parent: a variable marks them and all that they start, and a process beside us waits for our end and then
 * ends whatever has the mark. Gives the id of that process.
 *
 * Windows does not show the variables of a process: there, only a clean end is clean.
 */
export function endWithUs({ folders = [] }: EndWithUsOptions = {}): number | undefined {
  const mark = `ENDS_WITH_${randomUUID().replaceAll("-", "")}`;
  const watcher = spawn(process.execPath, [path.join(import.meta.dirname, "end-marked.ts"), mark, ...folders], {
    // Neither the terminal's Ctrl-C nor the end of its session is meant for it.
    detached: true,
    windowsHide: true,
    cwd: path.parse(process.execPath).root,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  watcher.unref();
  watcher.channel?.unref();
  process.env[mark] = "1";
  endWithCaller();
  return watcher.pid;
}

/** `tools/run.mjs` passes signals on; when it is killed, we take that for one. */
function endWithCaller(): void {
  const caller = Number(process.env["CALLED_BY_PID"]);
  if (process.ppid !== caller) return;
  const timer = setInterval(() => {
    if (process.ppid === caller) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, CALLER_POLL_MS).unref();
}
