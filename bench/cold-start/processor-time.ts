import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What Linux counts processor time in, whatever the kernel's own clock (`USER_HZ`). */
const TICK_MS = 10;

/** Milliseconds of all processors that a process has used so far, to the nearest 10. */
export function processorMs(pid: number): number {
  if (process.platform === "linux") return fromStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
  return fromPs(execFileSync("ps", ["-o", "time=", "-p", String(pid)], { encoding: "utf8" }));
}

/** `utime` and `stime` of proc_pid_stat(5); the name before them may hold spaces and parentheses. */
export function fromStat(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Hours, minutes and seconds as BSD's `ps` writes them, such as `1:02:03.45`. */
export function fromPs(time: string): number {
  return (
    time
      .trim()
      .split(":")
      .reduce((sum, part) => sum * 60 + Number(part), 0) * 1000
  );
}
