import { parseArgs } from "node:util";

import { startGateway } from "./index.ts";

const USAGE = `Serves Neon's SQL-over-HTTP protocol on loopback, in front of a PostgreSQL.

Usage: node tools/dev/gateway/main.ts --postgres-url URL [--port PORT] [--pool-size N] [--service-ms MS]

  --postgres-url URL   a direct connection; PG_URL when absent
  --port PORT          port to listen on (4444)
  --pool-size N        sessions at once (20)
  --service-ms MS      keeps a session so much longer for each request, as a slower database does (0)
  --help               this text

Control: GET /_gateway/stats, POST /_gateway/stats/reset, GET, PUT and DELETE /_gateway/faults.`;

const { values } = parseArgs({
  options: {
    "postgres-url": { type: "string" },
    port: { type: "string", default: "4444" },
    "pool-size": { type: "string", default: "20" },
    "service-ms": { type: "string", default: "0" },
    help: { type: "boolean", default: false },
  },
});
const postgresUrl = values["postgres-url"] ?? process.env["PG_URL"];
if (values.help) {
  console.log(USAGE);
} else if (postgresUrl === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const gateway = await startGateway({
    postgresUrl,
    port: Number(values.port),
    poolSize: Number(values["pool-size"]),
    serviceMs: Number(values["service-ms"]),
    admin: true,
  });
  // The password is left out: output of a program ends up in logs.
  console.log(`Neon gateway: ${gateway.url}`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void gateway.close());
}
