import { join } from "node:path";
import { parseArgs } from "node:util";

import { UsageError } from "../command/usage-error.ts";
import { SCENARIOS, type Scenario, selectScenarios } from "./scenarios/scenarios.ts";
import { soakScenarios } from "./scenarios/soak.ts";

export const HELP = `npm run rehearse [-- options]

Rehearses releases without an account: real PostgreSQL, the database gateway, an emulation of Cloudflare's control plane that runs
every version in workerd, the real wrangler, the real release and rollback commands, and clients that must not notice any of it.

${SCENARIOS.map(({ name, title, command }) => `  ${name.padEnd(16)}${command.padEnd(10)}${title}`).join("\n")}

Options:
  --only NAME     this scenario and those it needs; may be repeated
  --rate N        requests per second (default: 40 % of what this machine answers, 135 at most, 95 in a soak)
  --bake TIME     how long each step of a release is watched (default 18s, 6s in a soak)
  --seed N        for another sequence of requests (default 1)
  --out DIR       where timeline.svg and report.json go (default dist/rehearsal)
  --soak N        instead, N releases in a row, one in ten of them bad (50 take about an hour)
  --disturb       two busy loops beside it for a third of the time, to see what it says on a busy machine
  --keep          keeps the folder with the copy of the project and the emulator's state
  --help          this text

Environment:
  PG_URL          superuser's URL of a PostgreSQL server to use instead of an embedded one

The last line counts the checks. Exit code: 0 every promise was held, 1 one was broken, 75 the machine had no room to see whether
they were (run it again, with less beside it), 2 wrong usage, 130 interrupted.
Ctrl-C stops all of it; a second one does not wait for the release command to leave a safe state.
`;

const MIN_REQUESTS = 30_000;
const MAX_RATE = 135;
/** An hour of this is enough, and leaves wrangler more of the machine. */
const MAX_RATE_OF_A_SOAK = 95;
/** That go through their steps; a soak of as many has to prove as much. */
const RELEASES_OF_A_REHEARSAL = 5;

export interface RehearseOptions {
  readonly scenarios: readonly Scenario[];
  /** Requests per second; null asks for as much as the machine has room for. */
  readonly rate: number | null;
  /** Requests per second at most, where it is measured. */
  readonly maxRate: number;
  /** Other work runs beside it on purpose. */
  readonly isDisturbed: boolean;
  /** As the release command takes it. */
  readonly bake: string;
  readonly seed: number;
  readonly outFolder: string;
  readonly keepsFolder: boolean;
  /** Fewer prove too little; none are asked for when scenarios or load were cut down. */
  readonly minRequests: number | null;
}

const FLAGS = {
  only: { type: "string", multiple: true },
  rate: { type: "string" },
  bake: { type: "string" },
  seed: { type: "string", default: "1" },
  out: { type: "string" },
  soak: { type: "string" },
  disturb: { type: "boolean", default: false },
  keep: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/**
 * Reads the command line; null asks for the help text.
 * @throws UsageError
 */
export function parseRehearseOptions(args: readonly string[], root: string): RehearseOptions | null {
  const flags = parseFlags(args);
  if (flags.help) return null;
  return {
    ...parseWork(flags),
    rate: parseOptionalNumber("--rate", flags.rate, 1, 1_000),
    isDisturbed: flags.disturb,
    seed: parseNumber("--seed", flags.seed, 0, 2 ** 32 - 1),
    outFolder: flags.out ?? join(root, "dist", "rehearsal"),
    keepsFolder: flags.keep,
  };
}

/** What is released, how long each step is watched, and how many requests it takes to prove something. */
function parseWork(
  flags: ReturnType<typeof parseFlags>,
): Pick<RehearseOptions, "scenarios" | "bake" | "maxRate" | "minRequests"> {
  const { only = [] } = flags;
  const soak = parseOptionalNumber("--soak", flags.soak, 1, 1_000);
  if (soak === null) {
    const minRequests = isComplete(flags) ? MIN_REQUESTS : null;
    return { scenarios: parseScenarios(only), bake: parseBake(flags.bake ?? "18s"), maxRate: MAX_RATE, minRequests };
  }
  if (only.length > 0) throw new UsageError("--soak and --only exclude each other.");
  const minRequests = isComplete(flags) ? (MIN_REQUESTS * soak) / RELEASES_OF_A_REHEARSAL : null;
  const bake = parseBake(flags.bake ?? "6s");
  return { scenarios: soakScenarios(soak), bake, maxRate: MAX_RATE_OF_A_SOAK, minRequests };
}

/** Whether nothing was cut down. */
function isComplete({ only = [], rate, bake }: ReturnType<typeof parseFlags>): boolean {
  return only.length === 0 && rate === undefined && bake === undefined;
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: false }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(reason.split(". ", 1)[0] ?? reason);
  }
}

function parseScenarios(names: readonly string[]): readonly Scenario[] {
  try {
    return selectScenarios(names);
  } catch (error) {
    throw new UsageError(`--only: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseNumber(flag: string, text: string, min: number, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${flag} must be a whole number from ${min} to ${max}, not "${text}".`);
}

function parseOptionalNumber(flag: string, text: string | undefined, min: number, max: number): number | null {
  return text === undefined ? null : parseNumber(flag, text, min, max);
}

function parseBake(text: string): string {
  if (/^[1-9]\d{0,3}[smh]$/.test(text)) return text;
  throw new UsageError(`--bake must be a time as in 8s or 1m, not "${text}".`);
}
