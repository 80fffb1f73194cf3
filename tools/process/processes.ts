import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

const hasProc = existsSync("/proc/self/stat");

/** Whether a process with this id exists, whoever owns it. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Ids of the processes that were started with a variable of this name; none where the system hides variables. */
export function processesWith(variable: string): readonly number[] {
  try {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return pids.filter((pid) => variablesOf(pid).includes(`\0${variable}=`)).map(Number);
  } catch {
    return askPsForVariables().flatMap((line) => (line.includes(` ${variable}=`) ? [Number.parseInt(line, 10)] : []));
  }
}

/** `\0name=value` for each; empty when the process is gone or another user's. */
function variablesOf(pid: string): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, "latin1")}`;
  } catch {
    return "";
  }
}

function askPsForVariables(): readonly string[] {
  try {
    return execFileSync("ps", ["axeww", "-o", "pid=,command="], { encoding: "latin1", maxBuffer: 2 ** 26 }).split("\n");
  } catch {
    return [];
  }
}

/** When the process started, in the system's own notation; undefined when it is gone. Tells a reused id from the original. */
export function startOf(pid: number): string | undefined {
  return hasProc ? statOf(pid)?.[19] : askPs(pid, "lstart=");
}

/**
 * What /proc tells of a process from its state on: state, parent and so on (proc(5), from field 3). Null when it is gone, and
 * where there is no /proc.
 */
export function statOf(pid: number): readonly string[] | null {
  try {
    // The name before it, in parentheses, may hold spaces.
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
  } catch {
    return null;
  }
}

/** Ids of the processes that a process has started and that are still there; none where there is no /proc. */
export function childrenOf(parentPid: number): readonly number[] {
  if (!hasProc) return [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => statOf(pid)?.[1] === String(parentPid));
}

/** Whether it has ended, and was only not yet asked for its exit code. */
export function isZombie(pid: number): boolean {
  return statOf(pid)?.[0] === "Z";
}

/** The command line of a process; undefined when it is gone or hidden. */
export function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return askPs(pid, "command=");
  }
}

function askPs(pid: number, column: string): string | undefined {
  try {
    return execFileSync("ps", ["-o", column, "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return undefined;
  }
}
