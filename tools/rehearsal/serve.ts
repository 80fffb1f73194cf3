// `npm run rehearsal:serve`: the emulated Cloudflare alone, for wrangler by hand. See serve-options.ts for the help text.
import path from "node:path";

import { listenForInterrupts, whenAborted } from "../command/interrupts.ts";
import { UsageError } from "../command/usage-error.ts";
import { EmulatorError } from "./control-plane/state-lock.ts";
import { startEmulator } from "./emulator.ts";
import { startServedDatabase } from "./serve-database.ts";
import { gatewayPortOf, HELP, parseServeOptions, type ServeOptions } from "./serve-options.ts";
import { formatDeployment, formatGreeting } from "./serve-text.ts";

const root = path.resolve(import.meta.dirname, "../..");
const signal = listenForInterrupts({ onSecond: () => 130, takesClosedOutput: true });
const stops: (() => Promise<void>)[] = [];

if (import.meta.main) {
  process.exitCode = await main();
  process.exit();
}

async function main(): Promise<number> {
  try {
    const options = parseServeOptions(process.argv.slice(2), root);
    if (options.isHelp) {
      process.stdout.write(HELP);
      return 0;
    }
    const { failure } = await start(options);
    const reason = await Promise.race([failure, whenAborted(signal)]);
    if (reason !== null) throw reason;
  } catch (error) {
    if (!signal.aborted) return await fail(error);
  }
  console.log("Stopping…");
  await stopAll();
  console.log("Stopped.");
  return 0;
}

/** Starts the parts; `failure` settles when one of them ends without being asked to. */
async function start(options: ServeOptions): Promise<{ readonly failure: Promise<Error> }> {
  const { stateDir, isFresh, proxyPort, port, propagationMs, callLogFile } = options;
  const emulator = await startEmulator({
    stateDir,
    isFresh,
    port,
    proxyPort,
    propagationMs,
    ...(callLogFile === null ? {} : { callLogFile }),
    log: console.log,
    onDeployment: (script, origin) => console.log(formatDeployment(script, origin)),
  });
  stops.push(() => emulator.close());
  signal.throwIfAborted();
  const database = options.hasDatabase ? await startDatabase(options) : null;
  console.log(formatGreeting({ emulator, database }));
  return { failure: database?.failure ?? new Promise<Error>(() => undefined) };
}

async function startDatabase({ stateDir, isFresh, proxyPort }: ServeOptions) {
  console.log("Starting PostgreSQL (PGlite) and the Neon gateway");
  const gatewayPort = gatewayPortOf(proxyPort);
  const database = await startServedDatabase({ stateDir, isFresh, gatewayPort, log: console.log, signal });
  stops.push(() => database.stop());
  signal.throwIfAborted();
  return database;
}

async function fail(error: unknown): Promise<number> {
  await stopAll();
  console.error(describeFailure(error));
  return error instanceof UsageError ? 2 : 1;
}

function describeFailure(error: unknown): string {
  if (error instanceof UsageError || error instanceof EmulatorError) return error.message;
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE" && "port" in error) {
    const port = String(error.port);
    return `Port ${port} is in use by another program. Stop that one, or choose others: --port, --proxy-port`;
  }
  return `npm run rehearsal:serve failed: ${error instanceof Error ? error.message : String(error)}`;
}

async function stopAll(): Promise<void> {
  for (const stop of stops.splice(0).toReversed()) await stop().catch((error: unknown) => console.error(String(error)));
}
