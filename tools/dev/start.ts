// `npm start`: options in, a running stack out, a clean end. See options.ts for the help text.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";

import { formatBanner, wantsColor } from "./banner.ts";
import { HELP, parseOptions, StartError } from "./options.ts";
import { Stack } from "./stack.ts";

/** One Ctrl-C may arrive twice, from the terminal and from npm; only a later one means impatience. */
const SECOND_SIGNAL_AFTER_MS = 500;

const root = path.resolve(import.meta.dirname, "../..");
const stack = new Stack();
const stopRequest = new AbortController();

process.exitCode = await main();
process.exit();

async function main(): Promise<number> {
  listenForSignals();
  try {
    const options = parseOptions({ args: process.argv.slice(2), env: process.env, devVars: readDevVars(), root });
    if (options.isHelp) {
      process.stdout.write(HELP);
      return 0;
    }
    const running = await stack.start({ options, root, log: console.log, signal: stopRequest.signal });
    const { origin, databaseUrl } = running;
    const hasApiKey = "API_KEY" in options.variables || "API_KEYS" in options.variables;
    const isExternalDatabase = options.postgresUrl !== null;
    console.log(
      formatBanner({
        origin,
        databaseUrl,
        isExternalDatabase,
        hasApiKey,
        hasColor: wantsColor(process.stdout, process.env),
      }),
    );
    const failure = await Promise.race([running.failure, whenStopRequested()]);
    if (failure !== null) throw failure;
  } catch (error) {
    if (!stopRequest.signal.aborted) return await fail(error);
  }
  console.log("Stopping…");
  await stack.stop();
  console.log("Stopped.");
  return 0;
}

async function fail(error: unknown): Promise<number> {
  await stack.stop();
  const isExpected = error instanceof StartError || (error instanceof Error && error.name === "LocalPostgresError");
  const reason = error instanceof Error ? error.message || error.name : String(error);
  console.error(isExpected ? reason : `npm start failed: ${reason}`);
  return 1;
}

function readDevVars(): Record<string, string | undefined> {
  const file = path.join(root, ".dev.vars");
  return existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
}

function whenStopRequested(): Promise<null> {
  const { signal } = stopRequest;
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}

function listenForSignals(): void {
  let firstAt: number | null = null;
  const onSignal = (): void => {
    if (firstAt === null) {
      firstAt = Date.now();
      stopRequest.abort();
    } else if (Date.now() - firstAt > SECOND_SIGNAL_AFTER_MS) {
      stack.kill();
      process.exit(130);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  // Whoever read our output is gone, as with `npm start | head`: end as on Ctrl-C instead of crashing.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => stopRequest.abort());
}
