import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { CommandContext } from "../command/run-command.ts";
import { migrate } from "../db/migrate.ts";
import { type PostgresServer, startEmbeddedPostgres } from "../postgres/index.ts";
import { endWithUs } from "../process/end-with-us.ts";
import { buildApi } from "../workerd/api-bundle.ts";
import { startGatewayProcess } from "../workerd/gateway-process.ts";
import { type RunningServer, startWorkerd } from "../workerd/start-workerd.ts";

/** The parts that a run works with. */
export interface ChaosStack {
  /** Durable: what it has acknowledged outlives its crash. */
  readonly postgres: PostgresServer;
  /** A direct connection. */
  readonly databaseUrl: string;
  /** Without a slash at its end. */
  readonly gatewayOrigin: string;
  readonly worker: RunningServer;
  readonly apiKey: string;
}

/** Starts a durable PostgreSQL, the gateway and the Worker as a release has it, each in a process of its own. */
export async function startChaosStack({ cleanup, progress, signal }: CommandContext): Promise<ChaosStack> {
  const folder = mkdtempSync(path.join(tmpdir(), "chaos-"));
  cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
  endWithUs({ folders: [folder] });
  progress.line("building the Worker; starting PostgreSQL and the gateway");
  const [api, database] = await Promise.all([buildApi(path.join(folder, "build")), startDatabase()]);
  cleanup.add(() => database.postgres.close());
  signal.throwIfAborted();
  const gateway = await startGatewayProcess(database.databaseUrl, folder, cleanup);
  signal.throwIfAborted();
  const apiKey = randomBytes(24).toString("base64url");
  const variables = {
    DATABASE_URL: gateway.connectionString,
    DATABASE_FETCH_ENDPOINT: gateway.endpoint,
    API_KEYS: JSON.stringify([toKeyEntry(apiKey)]),
    CURSOR_SECRET: randomBytes(24).toString("base64url"),
    LOG_LEVEL: "error",
  };
  const given = Object.entries(variables).map(([name, value]) => ({ kind: "text", name, value }) as const);
  const worker = await startWorkerd({
    name: "the API",
    script: api.script,
    worker: { ...api.worker, bindings: [...api.worker.bindings, ...given] },
    folder: path.join(folder, "worker"),
    probePath: "/health",
  });
  cleanup.add(() => worker.stop());
  return { ...database, gatewayOrigin: new URL(gateway.endpoint).origin, worker, apiKey };
}

async function startDatabase(): Promise<Pick<ChaosStack, "postgres" | "databaseUrl">> {
  const postgres = await startEmbeddedPostgres({ isDurable: true });
  try {
    const databaseUrl = await postgres.createDatabase();
    await migrate({ postgresUrl: databaseUrl, log: () => undefined });
    return { postgres, databaseUrl };
  } catch (error) {
    await postgres.close();
    throw error;
  }
}

function toKeyEntry(apiKey: string): object {
  const sha256 = createHash("sha256").update(apiKey).digest("hex");
  return { id: "chaos", sha256, scopes: ["users:read", "users:write"] };
}
