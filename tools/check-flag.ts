import process from "node:process";
import { parseArgs } from "node:util";

const OPTIONS = { check: { type: "boolean", default: false }, help: { type: "boolean", default: false } } as const;

/**
 * Reads the command line of a command that knows `--check` and `--help` only. Null when there is nothing left to do:
 * the usage was asked for, or the command line is wrong (exit code 2).
 */
export function readCheckFlag(usage: string): { readonly check: boolean } | null {
  try {
    const { check, help } = parseArgs({ options: OPTIONS }).values;
    if (!help) return { check };
    console.log(usage);
  } catch {
    console.error(usage);
    process.exitCode = 2;
  }
  return null;
}
