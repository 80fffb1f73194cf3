import { parseFlags, parseNames, parseNumber } from "../../tools/command/parse-flags.ts";
import { findScenario, SCENARIOS } from "../scenarios/index.ts";
import type { Scenario } from "../scenarios/scenario.ts";

export const HELP = `npm run bench:profile [-- options]

Shows what the Worker does with a processor and with memory: starts the API under load, from a bundle that is not minified, takes a CPU
profile and then one of allocations, and prints the functions and packages that take most. The files open in Chrome's DevTools.

Options:
  --scenario NAME     what is asked (get-by-id)
  --seconds N         length of each profile (10)
  --connections N     connections at once (16)
  --out DIR           where the profiles go (bench/results/profile, which is not committed)
  --help              this text

Environment:
  PG_URL              superuser's URL of a PostgreSQL server to use instead of an embedded one

Exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
`;

export interface ProfileOptions {
  readonly scenario: Scenario;
  readonly seconds: number;
  readonly connections: number;
  /** Null for the usual folder. */
  readonly outFolder: string | null;
}

const FLAGS = {
  scenario: { type: "string", default: "get-by-id" },
  seconds: { type: "string", default: "10" },
  connections: { type: "string", default: "16" },
  out: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

/**
 * Reads the command line of `npm run bench:profile`; null asks for the help text.
 * @throws UsageError
 */
export function parseProfileOptions(args: readonly string[]): ProfileOptions | null {
  const flags = parseFlags(args, FLAGS);
  if (flags.help) return null;
  const names = SCENARIOS.map(({ name }) => name);
  parseNames("--scenario", [flags.scenario], names);
  return {
    scenario: findScenario(flags.scenario),
    seconds: parseNumber("--seconds", flags.seconds, 1, 600),
    connections: parseNumber("--connections", flags.connections, 1, 4_096),
    outFolder: flags.out ?? null,
  };
}
