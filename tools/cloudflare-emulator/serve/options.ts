import path from "node:path";
import { parseArgs } from "node:util";

import { UsageError } from "../../command/usage-error.ts";

export interface ServeOptions {
  readonly isHelp: boolean;
  readonly port: number;
  readonly proxyPort: number;
  /** Absolute. */
  readonly stateDir: string;
  readonly isFresh: boolean;
  /** Absolute; null for none. */
  readonly callLogFile: string | null;
  readonly propagationMs: number;
}

/** In what the commands that serve the emulator differ. */
export interface ServeCommand {
  /** As it is typed: `npm run emulator:serve`. */
  readonly command: string;
  /** Relative paths start here. */
  readonly root: string;
  /** Default of `--state-dir`. */
  readonly stateDir: string;
}

const MAX_PORT = 65_535;
const MAX_PROPAGATION_MS = 600_000;

/** The help text; `extra` are lines about options that only this command has. */
export function formatHelp({ command, stateDir }: ServeCommand, extra: readonly string[] = []): string {
  return `${command}: runs an emulated Cloudflare on this machine; Ctrl-C stops it.

wrangler releases to it as to the real one, and every version really runs.

Options (after "${command} --"):
  --port PORT          port of the API (default 8790)
  --proxy-port PORT    port that leads to every Worker by Host (default 8791)
  --state-dir DIR      folder that keeps everything between runs (default ${stateDir})
  --fresh              start with nothing deployed
${extra.map((line) => `  ${line}\n`).join("")}\
  --call-log FILE      append every call of the API to a file, as lines of JSON without secrets
  --propagation-ms N   time until a deployment takes effect (default 0)
  --help               this text

Exit codes: 0 stopped, 1 failed, 2 called wrongly, 130 stopped at once by a second Ctrl-C.
`;
}

/**
 * Reads the command line.
 * @throws UsageError that says which value is wrong
 */
export function parseServeOptions(args: readonly string[], command: ServeCommand): ServeOptions {
  const flags = parseFlags(args, command);
  const callLog = flags["call-log"];
  const port = parseNumber("--port", flags.port, { min: 1, max: MAX_PORT });
  const proxyPort = parseNumber("--proxy-port", flags["proxy-port"], { min: 1, max: MAX_PORT });
  if (port === proxyPort) throw new UsageError(`--port and --proxy-port cannot both be ${port}.`);
  return {
    isHelp: flags.help,
    port,
    proxyPort,
    stateDir: path.resolve(command.root, flags["state-dir"]),
    isFresh: flags.fresh,
    callLogFile: callLog === undefined ? null : path.resolve(command.root, callLog),
    propagationMs: parseNumber("--propagation-ms", flags["propagation-ms"], { min: 0, max: MAX_PROPAGATION_MS }),
  };
}

function parseFlags(args: readonly string[], { command, stateDir }: ServeCommand) {
  const options = {
    port: { type: "string", default: "8790" },
    "proxy-port": { type: "string", default: "8791" },
    "state-dir": { type: "string", default: stateDir },
    fresh: { type: "boolean", default: false },
    "call-log": { type: "string" },
    "propagation-ms": { type: "string", default: "0" },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${reason.split(". ", 1)[0] ?? reason}. See ${command} -- --help`);
  }
}

function parseNumber(option: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    throw new UsageError(`${option} must be a number from ${min} to ${max}, not "${text}".`);
  return value;
}
