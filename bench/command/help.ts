import { SCENARIOS } from "../scenarios/index.ts";
import { BENCH_KEY, LIMITED_KEY } from "../scenarios/keys.ts";

const list = SCENARIOS.map(({ name, title }) => `  ${name.padEnd(18)}${title}`).join("\n");

export const HELP = `npm run bench [-- options]

Measures the API beside references, in the same run: the bundle of a release in plain workerd, the database gateway and PostgreSQL each
in a process of its own, and a load tool in another. Every variant gets a fresh process in each round, the order is reversed each round,
and what is reported are medians and ratios: absolute numbers are those of one machine on one day. bench/README.md explains how to read them.

Without an option of the next block: every scenario, variant and number of connections, which takes hours; cut it down.

  --soak              memory over a long time at half of the capacity; exit code 1 when it grows or gets too large
  --growth            cost as the table, the connections, the body and the list of API keys grow
  --cold-start        size of the bundle by package, time to start
  --overload          up to three times what a slow database can serve, then back; exit code 1 when goodput, deadline or recovery suffer

Scenarios:
${list}

Variants:
  api                 this API, the bundle of a release
  floor               a Worker without a framework that sends the same statement and gives the same answer
  hello               a constant; unless it is named, only where no database is asked
  starter             Hono, zod-openapi and drizzle as in most templates
  ceiling             the API's headers and body and a line for the log, without any decision; for health, unauthorized, rate-limited
  node                Fastify and a pool of connections on Node, without the gateway
  api-telemetry         the API and the telemetry Worker in one process; this and the next two, unless named, for get-by-id only
  api-telemetry-down    the API, whose telemetry fails
  api-telemetry-silent  the API, whose telemetry never answers
  api-no-outbox         the API over a database whose changes leave no events; unless named, for writes only

Options:
  --scenario LIST     these scenarios only
  --connections LIST  connections at once (1,16,64,256)
  --rounds N          rounds (5; 3 with --growth)
  --variants LIST     these variants only, in this order
  --target NAME=URL   a further service that runs already; may be repeated. It gets the same requests, so it needs the same users
                      (bench/stack/database.ts), which are not restored after writes, and the API keys
                      ${BENCH_KEY} and, without quota, ${LIMITED_KEY}
  --seconds N         length of each measurement (3; 10 with --overload)
  --warmup N          seconds of load before it that do not count (1)
  --minutes N         length of a soak (5)
  --load-tool NAME    wrk or autocannon; wrk where it is installed
  --json FILE         writes the results there, and nothing else
  --save NAME         writes NAME.json, NAME.svg and NAME.md to bench/results instead of dist/bench
  --help              this text

Environment:
  PG_URL              superuser's URL of a PostgreSQL server to use instead of an embedded one

Exit code: 0 measured, 1 something failed or is over a limit, 2 wrong usage, 75 the machine had no room to see it, 130 interrupted.
Ctrl-C stops everything; a second one does not wait for it.
`;
