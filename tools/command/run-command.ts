import { type Cleanup, createCleanup } from "./cleanup.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { createProgress, type Progress } from "./progress.ts";
import { UsageError } from "./usage-error.ts";

/** What a command is given while it runs. */
export interface CommandContext {
  readonly progress: Progress;
  /** Aborts at the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Run at the end, however it comes. */
  readonly cleanup: Cleanup;
}

export interface Command<Options> {
  /** As it is called, for messages. */
  readonly name: string;
  readonly help: string;
  /** Null asks for the help text. */
  readonly parse: (args: readonly string[]) => Options | null;
  /** Gives the exit code. */
  readonly run: (options: Options, context: CommandContext) => Promise<number>;
}

const INTERRUPTED = 130;

/** Runs a command of the command line to its end; gives the exit code. */
export async function runCommand<Options>({ name, help, parse, run }: Command<Options>): Promise<number> {
  try {
    const options = parse(process.argv.slice(2));
    if (options === null) {
      process.stdout.write(help);
      return 0;
    }
    return await runInContext(options, run);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(error instanceof UsageError ? reason : `${name} failed: ${reason}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function runInContext<Options>(options: Options, run: Command<Options>["run"]): Promise<number> {
  const progress = createProgress({
    write: (text) => void process.stdout.write(text),
    isTerminal: Boolean(process.stdout.isTTY),
    columns: process.stdout.columns || 80,
    clock: Date.now,
  });
  const signal = listenForInterrupts({
    onFirst: () => progress.line("stopping"),
    onSecond: () => INTERRUPTED,
    takesClosedOutput: true,
  });
  const cleanup = createCleanup();
  try {
    return await run(options, { progress, signal, cleanup });
  } catch (error) {
    progress.end();
    if (!signal.aborted) throw error;
    return INTERRUPTED;
  } finally {
    await cleanup.run();
    if (signal.aborted) progress.line("interrupted; everything is stopped");
  }
}
