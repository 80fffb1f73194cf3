import { readFileSync } from "node:fs";
import path from "node:path";

import { migrate } from "../../tools/db/migrate.ts";
import { startGateway } from "../../tools/dev/gateway/index.ts";
import { BUNDLE } from "../../tools/dev/worker/build.ts";
import { startPostgres } from "../../tools/postgres/index.ts";
import { startDataPlaneStack } from "./emulator-data-plane.ts";
import { makeScript } from "./versions.ts";
import { buildApi } from "./worker-build.ts";

const SCRIPT = "users-api";
const OPEN_LIMIT = { type: "ratelimit", simple: { limit: 1_000_000, period: 60 } };

/** The users API behind the emulator's edge, with a real PostgreSQL. */
export interface EmulatedApi {
  readonly origin: string;
  stop(): Promise<void>;
}

export async function startEmulatedApi(apiKey: string): Promise<EmulatedApi> {
  const postgres = await startPostgres();
  const databaseUrl = await postgres.createDatabase();
  await migrate({ postgresUrl: databaseUrl, log: () => {} });
  const gateway = await startGateway({ postgresUrl: databaseUrl });
  const stack = await startDataPlaneStack();
  const folder = await buildApi();
  const variables = {
    ENVIRONMENT: "development",
    API_KEY: apiKey,
    DATABASE_URL: gateway.connectionString,
    DATABASE_FETCH_ENDPOINT: gateway.url,
  };
  const version = stack.make.version(readFileSync(path.join(folder, BUNDLE.script), "utf8"), {
    assets: { directory: path.join(folder, BUNDLE.assets), config: { html_handling: "none", run_worker_first: true } },
    bindings: [
      { name: "ASSETS", type: "assets" },
      { name: "CF_VERSION_METADATA", type: "version_metadata" },
      { name: "CALLER_RATE_LIMITER", namespace_id: "1001", ...OPEN_LIMIT },
      { name: "AUTH_FAILURE_RATE_LIMITER", namespace_id: "1002", ...OPEN_LIMIT },
      ...Object.entries(variables).map(([name, text]) => ({ name, type: "secret_text", text })),
    ],
  });
  await stack.dataPlane.publish(makeScript(SCRIPT, [[version, 100]]));
  return {
    origin: stack.dataPlane.originOf(SCRIPT) ?? "",
    async stop() {
      await stack.stop();
      await gateway.close();
      await postgres.close();
    },
  };
}
