import path from "node:path";
import { parseArgs } from "node:util";

import { CONFIG_VARIABLES } from "../../src/config.ts";

export const HELP = `npm start: runs the whole API on this machine; Ctrl-C stops it.

Options (after "npm start --"):
  --fresh        start with an empty database, flags at their defaults, and metrics at 0
  --port PORT    port of the API (default 8787)
  --no-telemetry measure nothing: no telemetry Worker, no /metrics
  --help         this text

Environment:
  PORT           the same as --port
  DATA_DIR       folder that keeps the database, flags and metrics between runs (default .data)
  PG_URL         use this PostgreSQL server instead of the built-in one
  NO_COLOR       no colours

Every variable of the Worker's configuration is passed on, from the environment or from .dev.vars
(the environment wins): ${CONFIG_VARIABLES.join(", ")}.
Not these three, which the local stack sets itself: ENVIRONMENT, DATABASE_URL, DATABASE_FETCH_ENDPOINT.
Example: API_KEY=secret npm start

/metrics, for Prometheus and "npm run top", is on the port after the API's, or on a free one when that is taken. Changes of
the telemetry Worker itself (telemetry/) need another start. So do those of the RPC Worker (rpc/), which is on the port after that.
`;

/** Set by the local stack; a value from outside would bypass the gateway. */
const OWN_VARIABLES: readonly string[] = ["ENVIRONMENT", "DATABASE_URL", "DATABASE_FETCH_ENDPOINT"];

const DEFAULT_PORT = "8787";

/** A mistake on the command line or in the environment, or something on this machine that is in the way. */
export class StartError extends Error {
  override readonly name = "StartError";
}

export interface StartOptions {
  readonly isHelp: boolean;
  readonly isFresh: boolean;
  readonly port: number;
  readonly hasTelemetry: boolean;
  readonly dataDir: string;
  /** A PostgreSQL server to use instead of the built-in one. */
  readonly postgresUrl: string | null;
  /** The Worker's variables from outside, without those that the local stack sets. */
  readonly variables: Readonly<Record<string, string>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

export interface OptionSources {
  readonly args: readonly string[];
  readonly env: Environment;
  /** Content of .dev.vars. */
  readonly devVars: Environment;
  readonly root: string;
}

/**
 * Reads the command line, the environment and .dev.vars.
 * @throws StartError that says which value is wrong
 */
export function parseOptions({ args, env, devVars, root }: OptionSources): StartOptions {
  const flags = parseFlags(args);
  const postgresUrl = env["PG_URL"] || null;
  const isFresh = flags.fresh ?? false;
  if (postgresUrl !== null) checkPostgresUrl(postgresUrl, isFresh);
  return {
    isHelp: flags.help ?? false,
    isFresh,
    port: parsePort(flags.port ?? (env["PORT"] || DEFAULT_PORT)),
    hasTelemetry: flags.telemetry ?? true,
    dataDir: path.resolve(root, env["DATA_DIR"] || ".data"),
    postgresUrl,
    variables: collectVariables(env, devVars),
  };
}

function parseFlags(args: readonly string[]) {
  const options = {
    fresh: { type: "boolean" },
    help: { type: "boolean", short: "h" },
    port: { type: "string" },
    telemetry: { type: "boolean" },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false, allowNegative: true }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`${reason.split(". ", 1)[0] ?? reason}. See npm start -- --help`);
  }
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new StartError(`PORT must be a number from 1 to 65535, not "${text}".`);
  return port;
}

function checkPostgresUrl(text: string, isFresh: boolean): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPostgres = url?.protocol === "postgres:" || url?.protocol === "postgresql:";
  if (url === null || !isPostgres || url.username === "" || url.pathname.length < 2) {
    throw new StartError("PG_URL must look like postgresql://USER:PASSWORD@HOST:PORT/DATABASE");
  }
  if (isFresh) throw new StartError("--fresh empties the built-in database only; leave it out, or leave out PG_URL.");
}

/** An empty value in the environment switches one of .dev.vars off. */
function collectVariables(env: Environment, devVars: Environment): Record<string, string> {
  const fromEnvironment = CONFIG_VARIABLES.map((name) => [name, env[name]] as const);
  const merged = [...Object.entries(devVars), ...fromEnvironment.filter(([, value]) => value !== undefined)];
  const variables = Object.fromEntries(merged);
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined || value === "" || OWN_VARIABLES.includes(name) ? [] : [[name, value]],
    ),
  );
}
