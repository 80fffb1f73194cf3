import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

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
  try {
    // Field 22 of stat; the second field, in parentheses, may hold spaces.
    return readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ")[19];
  } catch {
    return askPs(pid, "lstart=");
  }
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
