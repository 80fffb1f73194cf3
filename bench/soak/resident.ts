import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Memory of a process that is resident, in MB of a million bytes. */
export function residentMegabytes(pid: number): number {
  return (readKibibytes(pid) * 1024) / 1_000_000;
}

function readKibibytes(pid: number): number {
  if (process.platform === "linux") {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kibibytes);
  }
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).trim());
}
