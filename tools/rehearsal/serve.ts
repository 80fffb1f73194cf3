// `npm run rehearsal:serve`: the emulated Cloudflare with a database beside it, for releases by hand. See serve/options.ts.
import path from "node:path";

import { runServe, type ServeContext } from "../cloudflare-emulator/serve/run.ts";
import { startServedDatabase } from "./serve/database.ts";
import { greetReleaser } from "./serve/greeting.ts";
import { COMMAND, gatewayPortOf, HELP, parseServeOptions, type ServeOptions } from "./serve/options.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

async function start(options: ServeOptions, context: ServeContext): Promise<string> {
  const database = options.hasDatabase ? await startDatabase(options, context) : null;
  return greetReleaser(context.emulator, database);
}

async function startDatabase(
  { stateDir, isFresh, proxyPort }: ServeOptions,
  { signal, onStarted, failWith }: ServeContext,
) {
  console.log("Starting PostgreSQL (PGlite) and the Neon gateway");
  const gatewayPort = gatewayPortOf(proxyPort);
  const database = await startServedDatabase({ stateDir, isFresh, gatewayPort, log: console.log, signal });
  onStarted(() => database.stop());
  failWith(database.failure);
  return database;
}

if (import.meta.main) {
  process.exitCode = await runServe({
    command: COMMAND,
    help: HELP,
    subdomain: "rehearsal",
    parse: (args) => parseServeOptions(args, ROOT),
    start,
  });
  process.exit();
}
