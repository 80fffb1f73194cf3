import { parseFlags, parseNumber } from "../../tools/command/parse-flags.ts";
import { MAX_TELEMETRY_CPU, MIN_RATIO_TO_FLOOR } from "./judge.ts";

export const HELP = `npm run bench:guard [-- options]

Fails when the API has become slow: measures get-by-id at 16 connections beside the hand-written floor, in pairs, and wants
the median of their ratios to be at least ${MIN_RATIO_TO_FLOOR.toFixed(2)}. Beside them the API with telemetry, which may take ${MAX_TELEMETRY_CPU.toFixed(2)} of the
processor time at most. Takes a minute and a half.

Options:
  --rounds N          pairs of measurements (5)
  --seconds N         length of each measurement (3)
  --plant-slowdown    makes every request burn about 100 microseconds, to see that this fails
  --plant-batches     makes every request deliver to telemetry at once, to see that this fails
  --help              this text

Environment:
  PG_URL              superuser's URL of a PostgreSQL server to use instead of an embedded one

The last line counts, as in "2 passed, 0 failed".
Exit code: 0 passed, 1 failed, 2 wrong usage, 130 interrupted.
`;

export interface GuardOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly isSlowed: boolean;
  readonly hasBatches: boolean;
}

const FLAGS = {
  rounds: { type: "string", default: "5" },
  seconds: { type: "string", default: "3" },
  "plant-slowdown": { type: "boolean", default: false },
  "plant-batches": { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

/**
 * Reads the command line of `npm run bench:guard`; null asks for the help text.
 * @throws UsageError
 */
export function parseGuardOptions(args: readonly string[]): GuardOptions | null {
  const flags = parseFlags(args, FLAGS);
  if (flags.help) return null;
  return {
    rounds: parseNumber("--rounds", flags.rounds, 1, 100),
    seconds: parseNumber("--seconds", flags.seconds, 1, 600),
    isSlowed: flags["plant-slowdown"],
    hasBatches: flags["plant-batches"],
  };
}
