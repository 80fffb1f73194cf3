import { existsSync, readFileSync } from "node:fs";

import { parseFlags, parseNumber } from "../command/parse-flags.ts";
import { UsageError } from "../command/usage-error.ts";
import type { LocalTelemetry } from "../telemetry/local-telemetry.ts";

export const HELP = `Usage: npm run top -- [--url URL] [options]

Shows what /metrics of the telemetry Worker says, live: rates, shares of errors and quantiles of durations per route, per
version and per statement; breakers, refusals by the rate limit, load shedding. Ctrl-C ends it.
On a terminal it redraws in place; elsewhere each table comes after the one before.

  --url URL            the telemetry Worker, with or without /metrics (default: that of npm start on this machine)
  --token-file FILE    holds its token (default: METRICS_TOKEN of the environment; of npm start its own)
  --interval SECONDS   time between two looks, from 1 to 60 (default 3)
  --once               two looks and one table
  --json               one JSON object a table, each on a line
  --help               this text

PORT and DATA_DIR tell which npm start, as for npm start itself.
Exit code: 0 shown, also when Ctrl-C ended it, 1 refused, 2 wrong usage, 3 unreachable, 130 interrupted before --once was done.
`;

export interface Target {
  /** As `https://telemetry.example/metrics`. */
  readonly url: string;
  readonly token: string | null;
}

export interface TopOptions {
  readonly target: Target;
  readonly intervalMs: number;
  readonly isOnce: boolean;
  readonly isJson: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const FLAGS = {
  url: { type: "string" },
  "token-file": { type: "string" },
  interval: { type: "string", default: "3" },
  once: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h" },
} as const;

/**
 * Reads the command line; `local` is what `npm start` serves, null when it does not run. Null asks for the help text.
 * @throws UsageError that says which value is wrong, never what a token is
 */
export function parseTopOptions(
  args: readonly string[],
  env: Environment,
  local: LocalTelemetry | null,
): TopOptions | null {
  const flags = parseFlags(args, FLAGS);
  if (flags.help === true) return null;
  const fromFile = flags["token-file"] === undefined ? null : readTokenFile(flags["token-file"]);
  return {
    target:
      flags.url === undefined ? localTarget(local, fromFile) : remoteTarget(parseUrl(flags.url), fromFile, env, local),
    intervalMs: parseNumber("--interval", flags.interval, 1, 60) * 1_000,
    isOnce: flags.once,
    isJson: flags.json,
  };
}

function localTarget(local: LocalTelemetry | null, fromFile: string | null): Target {
  if (local === null) {
    throw new UsageError("No npm start runs here with telemetry: start it, or name a telemetry Worker with --url.");
  }
  return { url: local.url, token: fromFile ?? local.token };
}

/** The token of this machine is for this machine alone; that of the environment is not for it. */
function remoteTarget(url: string, fromFile: string | null, env: Environment, local: LocalTelemetry | null): Target {
  return {
    url,
    token: fromFile ?? (local !== null && isSame(url, local.url) ? local.token : env["METRICS_TOKEN"] || null),
  };
}

const isSame = (a: string, b: string): boolean => a.replace("//localhost:", "//127.0.0.1:") === b;

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPage =
    url !== null && /^\/(?:metrics)?$/.test(url.pathname) && `${url.search}${url.hash}${url.username}` === "";
  if (url === null || !isPage || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      "--url must be an http or https origin, as in https://telemetry.example, with or without /metrics.",
    );
  }
  return new URL("/metrics", url).href;
}

function readTokenFile(file: string): string {
  if (!existsSync(file)) throw new UsageError(`--token-file: there is no file ${file}.`);
  const token = readFileSync(file, "utf8").trim();
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new UsageError(`--token-file: ${file} must hold the token, and nothing else.`);
  return token;
}
