import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

import { UsageError } from "../command/usage-error.ts";
import { DEFAULT_SETUP, DEFAULT_WORKLOAD, type Driver, type Plan, type Scenario } from "./scenario.ts";

/** What to do. */
export type CapacityOptions =
  | { readonly action: "help" | "markdown" | "write-docs" | "check" }
  | {
      readonly action: "report";
      readonly scenario: Scenario;
      /** US dollars a month; null leaves it out. */
      readonly budget: number | null;
      readonly isJson: boolean;
    };

const DOCUMENT_ACTIONS = ["markdown", "write-docs", "check"] as const;

const FLAGS = {
  rps: { type: "string" },
  "read-share": { type: "string" },
  "list-share": { type: "string" },
  "keyed-share": { type: "string" },
  callers: { type: "string" },
  users: { type: "string" },
  plan: { type: "string" },
  driver: { type: "string" },
  "database-ms": { type: "string" },
  regions: { type: "string" },
  replicas: { type: "string" },
  "cache-hit-share": { type: "string" },
  "log-share": { type: "string" },
  "trace-share": { type: "string" },
  "telemetry-share": { type: "string" },
  "endpoint-rps": { type: "string" },
  "pooled-connections": { type: "string" },
  "sweeps-per-hour": { type: "string" },
  budget: { type: "string" },
  json: { type: "boolean", default: false },
  markdown: { type: "boolean", default: false },
  "write-docs": { type: "boolean", default: false },
  check: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const satisfies ParseArgsOptionsConfig;

type TextFlag = {
  [Name in keyof typeof FLAGS]: (typeof FLAGS)[Name]["type"] extends "string" ? Name : never;
}[keyof typeof FLAGS];

type Texts = Readonly<Partial<Record<TextFlag, string>>>;

/**
 * Reads the command line.
 * @throws UsageError that names the flag and what it takes
 */
export function parseCapacityOptions(args: readonly string[]): CapacityOptions {
  const flags = parseFlags(args);
  if (flags.help) return { action: "help" };
  const action = DOCUMENT_ACTIONS.find((name) => flags[name]);
  if (action !== undefined) return { action };
  return {
    action: "report",
    scenario: parseScenario(flags),
    budget: flags.budget === undefined ? null : readNumber(flags, "budget", 0, ABOVE_ZERO),
    isJson: flags.json,
  };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: false }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(reason.split(". ", 1)[0] ?? reason);
  }
}

function parseScenario(flags: Texts): Scenario {
  if (flags.rps === undefined) throw new UsageError("--rps is missing: give the requests per second.");
  const setup = DEFAULT_SETUP;
  return {
    requestsPerSecond: readNumber(flags, "rps", 0, ABOVE_ZERO),
    readShare: readNumber(flags, "read-share", DEFAULT_WORKLOAD.readShare, SHARE),
    listShare: readNumber(flags, "list-share", DEFAULT_WORKLOAD.listShare, SHARE),
    keyedShare: readNumber(flags, "keyed-share", DEFAULT_WORKLOAD.keyedShare, SHARE),
    callers: flags.callers === undefined ? null : readNumber(flags, "callers", 0, COUNT),
    users: readNumber(flags, "users", DEFAULT_WORKLOAD.users, COUNT_OR_NONE),
    plan: readChoice<Plan>(flags, "plan", setup.plan, ["free", "launch", "scale"]),
    driver: readChoice<Driver>(flags, "driver", setup.driver, ["http", "hyperdrive"]),
    databaseMs: readNumber(flags, "database-ms", setup.databaseMs, ABOVE_ZERO),
    regions: readNumber(flags, "regions", setup.regions, COUNT),
    replicas: readNumber(flags, "replicas", setup.replicas, COUNT_OR_NONE),
    cacheHitShare: readNumber(flags, "cache-hit-share", setup.cacheHitShare, SHARE),
    logShare: readNumber(flags, "log-share", setup.logShare, SHARE),
    traceShare: readNumber(flags, "trace-share", setup.traceShare, SHARE),
    telemetryShare: readNumber(flags, "telemetry-share", setup.telemetryShare, SHARE),
    endpointRequestsPerSecond: readNumber(flags, "endpoint-rps", setup.endpointRequestsPerSecond, ABOVE_ZERO),
    pooledConnections: readNumber(flags, "pooled-connections", setup.pooledConnections, COUNT_OR_NONE),
    sweepsPerHour: readNumber(flags, "sweeps-per-hour", setup.sweepsPerHour, COUNT),
  };
}

interface NumberRule {
  readonly isValid: (value: number) => boolean;
  readonly description: string;
}

const MOST = 1e12;
const SHARE: NumberRule = { isValid: (value) => value >= 0 && value <= 1, description: "a share from 0 to 1" };
const ABOVE_ZERO: NumberRule = { isValid: (value) => value > 0 && value <= MOST, description: "a number above 0" };
const COUNT: NumberRule = {
  isValid: (value) => Number.isInteger(value) && value >= 1 && value <= MOST,
  description: "a whole number from 1",
};
const COUNT_OR_NONE: NumberRule = {
  isValid: (value) => Number.isInteger(value) && value >= 0 && value <= MOST,
  description: "a whole number from 0",
};

function readNumber(flags: Texts, name: TextFlag, fallback: number, { isValid, description }: NumberRule): number {
  const text = flags[name];
  if (text === undefined) return fallback;
  // "1,000" and "1_000" are how this command itself, and its sources, write numbers.
  const plain = text.replaceAll(/(?<=\d)[,_](?=\d{3}(?!\d))/g, "");
  const value = /^(\d+(\.\d+)?|\.\d+)$/.test(plain) ? Number(plain) : Number.NaN;
  if (isValid(value)) return value;
  throw new UsageError(`--${name} must be ${description}, not "${text}".`);
}

function readChoice<Choice extends string>(
  flags: Texts,
  name: TextFlag,
  fallback: Choice,
  choices: readonly Choice[],
): Choice {
  const text = flags[name] ?? fallback;
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new UsageError(`--${name} must be ${choices.join(" or ")}, not "${text}".`);
}
