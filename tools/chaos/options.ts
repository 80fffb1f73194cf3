import { randomInt } from "node:crypto";

import { parseFlags, parseNumber } from "../command/parse-flags.ts";

export const HELP = `npm run test:chaos [-- options]

Runs clients against the bundle of a release in plain workerd, with the database gateway and a durable PostgreSQL, while faults are injected
between the two and the database is killed and started again. Afterwards the content of the database is compared with what the clients
were told. docs/chaos.md explains it.

  --operations N   operations of all clients together (50000)
  --faults N       faults between the Worker and the database (232: eight of each kind)
  --kills N        times that the database is killed (5)
  --clients N      clients at once, 1 to 99 (24)
  --rate N         operations a second at most (250)
  --seconds N      ends after so long, whatever is left to do (900)
  --seed N         repeats the schedule and the order of operations of an earlier run; another one each time when absent
  --help           this text

The last line counts the checks. Exit code: 0 every promise was held, 1 one was broken, 75 the machine had no room to see it,
2 wrong usage, 130 interrupted. Ctrl-C stops everything; a second one does not wait for it.
`;

export interface ChaosOptions {
  readonly operations: number;
  readonly faults: number;
  readonly kills: number;
  readonly clients: number;
  /** Operations per second. */
  readonly rate: number;
  readonly seconds: number;
  readonly seed: number;
}

const FLAGS = {
  operations: { type: "string", default: "50000" },
  faults: { type: "string", default: "232" },
  kills: { type: "string", default: "5" },
  clients: { type: "string", default: "24" },
  rate: { type: "string", default: "250" },
  seconds: { type: "string", default: "900" },
  seed: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

const MAX_SEED = 999_999;

/**
 * Reads the command line of `npm run test:chaos`; null asks for the help text.
 * @throws UsageError
 */
export function parseChaosOptions(args: readonly string[]): ChaosOptions | null {
  const flags = parseFlags(args, FLAGS);
  if (flags.help) return null;
  return {
    operations: parseNumber("--operations", flags.operations, 1, 999_999),
    faults: parseNumber("--faults", flags.faults, 0, 10_000),
    kills: parseNumber("--kills", flags.kills, 0, 100),
    clients: parseNumber("--clients", flags.clients, 1, 99),
    rate: parseNumber("--rate", flags.rate, 1, 10_000),
    seconds: parseNumber("--seconds", flags.seconds, 1, 36_000),
    seed: flags.seed === undefined ? randomInt(MAX_SEED) : parseNumber("--seed", flags.seed, 0, MAX_SEED),
  };
}
