import path from "node:path";
import { parseArgs } from "node:util";

import { UsageError } from "../command/usage-error.ts";

export const HELP = `npm run rehearsal:serve: runs an emulated Cloudflare on this machine; Ctrl-C stops it.

wrangler releases to it as to the real one, and every version really runs.

Options (after "npm run rehearsal:serve --"):
  --port PORT          port of the API (default 8790)
  --proxy-port PORT    port that leads to every Worker by Host (default 8791)
  --state-dir DIR      folder that keeps everything between runs (default .data/rehearsal)
  --fresh              start with nothing deployed and an empty database
  --database           also run PostgreSQL and the Neon gateway, on the port after --proxy-port, and write secrets.json
  --call-log FILE      append every call of the API to a file, as lines of JSON without secrets
  --propagation-ms N   time until a deployment takes effect (default 0)
  --help               this text

Exit codes: 0 stopped, 1 failed, 2 called wrongly, 130 stopped at once by a second Ctrl-C.
`;

export interface ServeOptions {
  readonly isHelp: boolean;
  readonly port: number;
  readonly proxyPort: number;
  /** Absolute. */
  readonly stateDir: string;
  readonly isFresh: boolean;
  readonly hasDatabase: boolean;
  /** Absolute; null for none. */
  readonly callLogFile: string | null;
  readonly propagationMs: number;
}

const MAX_PORT = 65_535;

/**
 * Reads the command line; relative paths start at `root`.
 * @throws UsageError that says which value is wrong
 */
export function parseServeOptions(args: readonly string[], root: string): ServeOptions {
  const flags = parseFlags(args);
  const callLog = flags["call-log"];
  const port = parseNumber("--port", flags.port, { min: 1, max: MAX_PORT });
  const proxyPort = parseNumber("--proxy-port", flags["proxy-port"], { min: 1, max: MAX_PORT - 1 });
  const hasDatabase = flags.database;
  const others = hasDatabase ? [proxyPort, gatewayPortOf(proxyPort)] : [proxyPort];
  if (others.includes(port)) throw new UsageError(`--port ${port} is needed for something else; see --help.`);
  return {
    isHelp: flags.help,
    port,
    proxyPort,
    stateDir: path.resolve(root, flags["state-dir"]),
    isFresh: flags.fresh,
    hasDatabase,
    callLogFile: callLog === undefined ? null : path.resolve(root, callLog),
    propagationMs: parseNumber("--propagation-ms", flags["propagation-ms"], { min: 0, max: 600_000 }),
  };
}

/** Fixed, because deployed versions keep the address of the gateway in their secrets. */
export function gatewayPortOf(proxyPort: number): number {
  return proxyPort + 1;
}

function parseFlags(args: readonly string[]) {
  const options = {
    port: { type: "string", default: "8790" },
    "proxy-port": { type: "string", default: "8791" },
    "state-dir": { type: "string", default: ".data/rehearsal" },
    fresh: { type: "boolean", default: false },
    database: { type: "boolean", default: false },
    "call-log": { type: "string" },
    "propagation-ms": { type: "string", default: "0" },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${reason.split(". ", 1)[0] ?? reason}. See npm run rehearsal:serve -- --help`);
  }
}

function parseNumber(option: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    throw new UsageError(`${option} must be a number from ${min} to ${max}, not "${text}".`);
  return value;
}
