import { listenForInterrupts, whenAborted } from "../../command/interrupts.ts";
import { UsageError } from "../../command/usage-error.ts";
import { endWithUs } from "../../process/end-with-us.ts";
import { EmulatorError } from "../emulator-error.ts";
import { type Emulator, startEmulator } from "../emulator.ts";
import type { ServeOptions } from "./options.ts";
import { formatDeployment } from "./text.ts";

/** A command that serves the emulator until somebody stops it, and perhaps something else beside it. */
export interface ServeProgram<Options extends ServeOptions> {
  /** As it is typed: `npm run emulator:serve`. */
  readonly command: string;
  readonly help: string;
  /** Of `workers.dev`; the emulator's own when absent. */
  readonly subdomain?: string;
  /** @throws UsageError */
  parse(args: readonly string[]): Options;
  /** Starts what belongs beside the emulator; gives what is to be printed when everything is ready. */
  start(options: Options, context: ServeContext): Promise<string>;
}

export interface ServeContext {
  readonly emulator: Emulator;
  readonly signal: AbortSignal;
  /** Keeps a function that stops a part; the last part is stopped first. */
  onStarted(stop: () => Promise<void>): void;
  /** Ends the command when a part ends by itself. */
  failWith(failure: Promise<Error>): void;
}

/** Serves until a signal comes or a part fails; gives the exit code. Everything is stopped by then. */
export async function runServe<Options extends ServeOptions>(program: ServeProgram<Options>): Promise<number> {
  const signal = listenForInterrupts({ onSecond: () => 130, takesClosedOutput: true });
  const stops: (() => Promise<void>)[] = [];
  try {
    const options = program.parse(process.argv.slice(2));
    if (options.isHelp) {
      process.stdout.write(program.help);
      return 0;
    }
    endWithUs();
    const { failure } = await start(program, options, { signal, stops });
    const reason = await Promise.race([failure, whenAborted(signal)]);
    if (reason !== null) throw reason;
  } catch (error) {
    if (!signal.aborted) return await fail(error, program.command, stops);
  }
  console.log("Stopping…");
  await stopAll(stops);
  console.log("Stopped.");
  return 0;
}

interface Running {
  readonly signal: AbortSignal;
  readonly stops: (() => Promise<void>)[];
}

/** Starts all parts; `failure` settles when one of them ends without being asked to. */
async function start<Options extends ServeOptions>(
  program: ServeProgram<Options>,
  options: Options,
  { signal, stops }: Running,
): Promise<{ readonly failure: Promise<Error> }> {
  const { stateDir, isFresh, proxyPort, port, propagationMs, callLogFile } = options;
  const emulator = await startEmulator({
    stateDir,
    isFresh,
    port,
    proxyPort,
    propagationMs,
    ...(program.subdomain === undefined ? {} : { subdomain: program.subdomain }),
    ...(callLogFile === null ? {} : { callLogFile }),
    log: console.log,
    onDeployment: (script, origin) => console.log(formatDeployment(script, origin)),
  });
  stops.push(() => emulator.close());
  signal.throwIfAborted();
  const failure = Promise.withResolvers<Error>();
  const greeting = await program.start(options, {
    emulator,
    signal,
    onStarted: (stop) => void stops.push(stop),
    failWith: (reason) => void reason.then(failure.resolve, failure.resolve),
  });
  signal.throwIfAborted();
  console.log(greeting);
  return { failure: failure.promise };
}

async function fail(error: unknown, command: string, stops: Running["stops"]): Promise<number> {
  await stopAll(stops);
  console.error(describeFailure(error, command));
  return error instanceof UsageError ? 2 : 1;
}

function describeFailure(error: unknown, command: string): string {
  if (error instanceof UsageError || error instanceof EmulatorError) return error.message;
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE" && "port" in error) {
    const port = String(error.port);
    return `Port ${port} is in use by another program. Stop that one, or choose others: --port, --proxy-port`;
  }
  return `${command} failed: ${error instanceof Error ? error.message : String(error)}`;
}

async function stopAll(stops: Running["stops"]): Promise<void> {
  for (const stop of stops.splice(0).toReversed()) await stop().catch((error: unknown) => console.error(String(error)));
}
