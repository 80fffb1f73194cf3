// `npm start`: options in, a running stack out, a clean end. See options.ts for the help text.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";

import { listenForInterrupts, whenAborted } from "../command/interrupts.ts";
import { formatBanner, wantsColor } from "./banner.ts";
import { HELP, parseOptions, StartError } from "./options.ts";
import { Stack } from "./stack.ts";

const root = path.resolve(import.meta.dirname, "../..");
const stack = new Stack();
const signal = listenForInterrupts({
  onSecond() {
    stack.kill();
    return 130;
  },
  takesClosedOutput: true,
});

process.exitCode = await main();
process.exit();

async function main(): Promise<number> {
  try {
    const options = parseOptions({ args: process.argv.slice(2), env: process.env, devVars: readDevVars(), root });
    if (options.isHelp) {
      process.stdout.write(HELP);
      return 0;
    }
    const running = await stack.start({ options, root, log: console.log, signal });
    const { origin, databaseUrl, telemetry, rpcOrigin } = running;
    const hasApiKey = "API_KEY" in options.variables || "API_KEYS" in options.variables;
    const isExternalDatabase = options.postgresUrl !== null;
    console.log(
      formatBanner({
        origin,
        databaseUrl,
        isExternalDatabase,
        hasApiKey,
        telemetry,
        rpcOrigin,
        hasColor: wantsColor(process.stdout, process.env),
      }),
    );
    const failure = await Promise.race([running.failure, whenAborted(signal)]);
    if (failure !== null) throw failure;
  } catch (error) {
    if (!signal.aborted) return await fail(error);
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
