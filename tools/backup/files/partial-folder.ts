import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

import { isRunning } from "../../process/processes.ts";

const PARTIAL = /^\.partial-(\d+)-/;

/**
 * Makes a folder for files that are not complete yet, on the same file system as their place, and removes those whose process
 * is gone. Only its owner can enter it.
 */
export function makePartialFolder(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) {
    const pid = PARTIAL.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(path.join(folder, name), { recursive: true, force: true });
  }
  return mkdtempSync(path.join(folder, `.partial-${process.pid}-`));
}
