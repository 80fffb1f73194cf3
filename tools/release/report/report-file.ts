import { accessSync, constants, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

import { UsageError } from "../../command/usage-error.ts";

/**
 * Looks before the release whether the report can be written after it, and makes its folder.
 * @throws UsageError
 */
export function assertWritable(file: string | null): void {
  if (file === null) return;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    accessSync(path.dirname(file), constants.W_OK);
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) throw new Error("it is a folder");
  } catch (error) {
    throw new UsageError(`--report ${file} cannot be written: ${describe(error)}.`);
  }
}

/** Writes the report, if there is to be one. A failure is told, but is no failure of the release. */
export function saveReport(file: string | null, report: unknown, tell: (text: string) => void): void {
  if (file === null) return;
  try {
    writeReport(file, report);
  } catch (error) {
    tell(`The report could not be written: ${describe(error)}.`);
  }
}

/** So that a reader sees a whole one or none; at once, because the process may be about to end. */
function writeReport(file: string, report: unknown): void {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, `${JSON.stringify(report, null, 2)}\n`);
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
