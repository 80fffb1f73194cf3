import { parseArgs } from "node:util";

import { MIGRATIONS_FOLDER } from "./migration-files.ts";

export interface FolderCommand {
  readonly help: string;
  /** Resolves with what to print; rejects with what is wrong. */
  run(folder: string): Promise<string>;
}

/** Runs a command that takes `--folder` and `--help`; sets the exit code: 0 done, 1 something is wrong, 2 called wrongly. */
export async function runFolderCommand({ help, run }: FolderCommand): Promise<void> {
  const flags = readFlags(help);
  if (flags === null) return;
  try {
    console.log(flags.help ? help : await run(flags.folder));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

const OPTIONS = {
  folder: { type: "string", default: MIGRATIONS_FOLDER },
  help: { type: "boolean", default: false },
} as const;

function readFlags(help: string): { readonly folder: string; readonly help: boolean } | null {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    process.exitCode = 2;
    return null;
  }
}
