import { listenForInterrupts } from "../../command/interrupts.ts";
import { UsageError } from "../../command/usage-error.ts";
import { BadBackupError } from "../files/bad-backup-error.ts";

export const EXIT_CODES = { done: 0, failed: 1, usage: 2, bad: 3, interrupted: 130 } as const;

/** Ends a command with an exit code of its own. */
export class ExitError extends Error {
  override readonly name = "ExitError";
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

export interface BackupCommand<Options> {
  /** For messages: `npm run db:backup`. */
  readonly name: string;
  readonly help: string;
  /** Null asks for the help text. Throws UsageError. */
  readonly parse: (args: readonly string[]) => Options | null;
  /** The signal aborts at Ctrl-C and its like. */
  readonly run: (options: Options, signal: AbortSignal) => Promise<void>;
}

/** Runs a command with this process's arguments, and leaves its exit code. */
export async function runBackupCommand<Options>({ name, help, parse, run }: BackupCommand<Options>): Promise<void> {
  const signal = listenForInterrupts({
    onFirst: () => console.error("\nInterrupted: cleaning up"),
    onSecond: () => EXIT_CODES.interrupted,
  });
  try {
    const options = parse(process.argv.slice(2));
    if (options === null) process.stdout.write(help);
    else await run(options, signal);
  } catch (error) {
    if (signal.aborted) {
      process.exitCode = EXIT_CODES.interrupted;
      return;
    }
    console.error(`error: ${describe(error)}`);
    if (error instanceof UsageError) console.error(`See ${name} -- --help`);
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ExitError) return error.exitCode;
  if (error instanceof UsageError) return EXIT_CODES.usage;
  return error instanceof BadBackupError ? EXIT_CODES.bad : EXIT_CODES.failed;
}

// Node reports a refused connection as an AggregateError without a message of its own.
function describe(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(describe).join("; ");
  return error instanceof Error ? error.message : String(error);
}
