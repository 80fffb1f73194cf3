import { parseArgs } from "node:util";

import { UsageError } from "../command/usage-error.ts";
import { resolveDatabaseUrl } from "./database-url.ts";

export interface DatabaseCommand {
  readonly usage: string;
  run(postgresUrl: string): Promise<unknown>;
}

/** Runs a command that takes `--url` and `--help`; sets the exit code: 0 done, 1 failed, 2 called wrongly. */
export async function runDatabaseCommand({ usage, run }: DatabaseCommand): Promise<void> {
  try {
    const flags = parseFlags();
    if (flags.help) console.log(usage);
    else await run(resolveDatabaseUrl(flags.url, process.env));
  } catch (error) {
    console.error(`error: ${describeError(error)}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

function parseFlags(): { url?: string | undefined; help: boolean } {
  try {
    return parseArgs({ options: { url: { type: "string" }, help: { type: "boolean", default: false } } }).values;
  } catch (error) {
    throw new UsageError(describeError(error), { cause: error });
  }
}

// Node reports a refused connection as an AggregateError without a message of its own.
function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(describeError).join("; ");
  return error instanceof Error ? error.message : String(error);
}
