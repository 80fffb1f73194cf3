import { DEFAULT_SETUP, DEFAULT_WORKLOAD } from "./scenario.ts";

export const HELP = `npm run capacity -- --rps N [options]

Computes on paper what N requests per second need and cost: which limit comes first, what a month costs, what to turn on.
The inputs are published limits and prices (tools/capacity/inputs.ts) and our own measurements (tools/capacity/measured.ts).

What clients do:
  --rps N                 requests per second, sustained, world-wide
  --read-share S          share of requests that only read (default ${DEFAULT_WORKLOAD.readShare})
  --list-share S          share of reads that are lists (default ${DEFAULT_WORKLOAD.listShare})
  --keyed-share S         share of writes that create with an Idempotency-Key (default ${DEFAULT_WORKLOAD.keyedShare})
  --callers N             callers that share the requests evenly (default: their rate limit is left out)
  --users N               users in the database (default ${DEFAULT_WORKLOAD.users})

How the service is set up:
  --plan NAME             free (Workers Free, Neon Free), launch or scale (Workers Paid, that plan of Neon) (default ${DEFAULT_SETUP.plan})
  --driver NAME           http (Neon's SQL over HTTP) or hyperdrive (default ${DEFAULT_SETUP.driver})
  --database-ms N         how long a statement holds a database connection (default ${DEFAULT_SETUP.databaseMs})
  --regions N             databases with an even part of the load each (default ${DEFAULT_SETUP.regions})
  --replicas N            read replicas of each database (default ${DEFAULT_SETUP.replicas})
  --cache-hit-share S     share of reads that a cache answers (default ${DEFAULT_SETUP.cacheHitShare})
  --log-share S           share of requests that are logged (default ${DEFAULT_SETUP.logShare})
  --trace-share S         share of requests that are traced (default ${DEFAULT_SETUP.traceShare})
  --telemetry-share S     reports to the telemetry object per request (default ${DEFAULT_SETUP.telemetryShare})
  --endpoint-rps N        requests per second that Neon's proxy takes for one endpoint (default ${DEFAULT_SETUP.endpointRequestsPerSecond})
  --pooled-connections N  connections that it keeps open for one endpoint, 0 for none (default ${DEFAULT_SETUP.pooledConnections})
  --sweeps-per-hour N     runs of the sweep of idempotency keys (default ${DEFAULT_SETUP.sweepsPerHour})

  --budget USD            also tells at what rate the month costs that much
  --json                  prints all of it as JSON
  --markdown              prints the tables of docs/scaling.md; needs no --rps
  --write-docs            writes them into docs/scaling.md
  --check                 exits with 1 when docs/scaling.md has other tables than these
  --help                  this text

Shares are numbers from 0 to 1. Exit code: 0 done, 1 docs/scaling.md is out of date, 2 wrong usage.
`;
