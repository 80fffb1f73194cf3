import { randomInt } from "node:crypto";

import { parseFlags, parseNumber } from "../command/parse-flags.ts";

export const HELP = `npm run test:events [-- options]

Changes users while the events Worker sends what happens to three receivers: in the real runtime with its queues, over the database gateway
and a durable PostgreSQL. Meanwhile the queue's consumer, the runtime, the receivers, the gateway and the database fail on a schedule. In
the end every receiver must have got every event that it wants, in the order of each user's versions, with valid signatures.

  --changes N    changes of users (20000)
  --incidents N  failures of the consumer, the runtime, the gateway and the database (60)
  --seconds N    ends after so long, whatever is left to deliver (1200)
  --seed N       repeats the schedule of an earlier run; another one each time when absent
  --help         this text

The last line counts the checks. Exit code: 0 every promise was held, 1 one was broken, 2 wrong usage, 130 interrupted. Ctrl-C stops
everything; a second one does not wait for it.
`;

export interface EventsChaosOptions {
  readonly changes: number;
  readonly incidents: number;
  readonly seconds: number;
  readonly seed: number;
}

const FLAGS = {
  changes: { type: "string", default: "20000" },
  incidents: { type: "string", default: "60" },
  seconds: { type: "string", default: "1200" },
  seed: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

const MAX_SEED = 999_999;

/**
 * Reads the command line of `npm run test:events`; null asks for the help text.
 * @throws UsageError
 */
export function parseEventsChaosOptions(args: readonly string[]): EventsChaosOptions | null {
  const flags = parseFlags(args, FLAGS);
  if (flags.help) return null;
  return {
    changes: parseNumber("--changes", flags.changes, 10, 999_999),
    incidents: parseNumber("--incidents", flags.incidents, 0, 10_000),
    seconds: parseNumber("--seconds", flags.seconds, 1, 36_000),
    seed: flags.seed === undefined ? randomInt(MAX_SEED) : parseNumber("--seed", flags.seed, 0, MAX_SEED),
  };
}
