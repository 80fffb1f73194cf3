import { createHash, randomBytes } from "node:crypto";
import path from "node:path";

import type { CommandContext } from "../../command/run-command.ts";
import { migrate } from "../../db/migrate.ts";
import { type PostgresServer, startEmbeddedPostgres } from "../../postgres/index.ts";
import { type ApiBundle, buildApi } from "../../workerd/api-bundle.ts";
import { type GatewayProcess, startGatewayProcess } from "../../workerd/gateway-process.ts";
import { startWorkerd } from "../../workerd/start-workerd.ts";
import { type Binding, REFUSED_CALLER } from "../../workerd/workerd-config.ts";
import { startTelemetryProcess, type TelemetryProcess } from "./telemetry-process.ts";

/** One version of the API, in a process of its own. */
export interface ApiVersion {
  readonly id: string;
  readonly tag: string;
  readonly origin: URL;
}

export interface Keys {
  readonly caller: string;
  /** Of a caller whom the rate limiter always refuses. */
  readonly limited: string;
}

/** All that is measured, each part in a process of its own. */
export interface PrometheusStack {
  readonly postgres: PostgresServer;
  readonly gateway: GatewayProcess;
  readonly telemetry: TelemetryProcess;
  readonly versions: readonly [ApiVersion, ApiVersion];
  readonly keys: Keys;
  readonly metricsToken: string;
}

const VERSIONS = [
  { id: "11111111-1111-4111-8111-111111111111", tag: "v1.0.0" },
  { id: "22222222-2222-4222-8222-222222222222", tag: "v1.1.0" },
] as const;

/** What answers as soon as a version is up. It is a request, too, and counted. */
export const PROBE_PATH = "/health";

/** Starts PostgreSQL, the gateway, telemetry, and two versions of the API that report to it. */
export async function startStack(folder: string, { cleanup, signal }: CommandContext): Promise<PrometheusStack> {
  const metricsToken = randomBytes(24).toString("base64url");
  const [api, postgres, telemetry] = await Promise.all([
    buildApi(path.join(folder, "build")),
    startDatabase(cleanup),
    startTelemetryProcess(path.join(folder, "telemetry"), metricsToken).then((started) => {
      cleanup.add(() => started.stop());
      return started;
    }),
  ]);
  signal.throwIfAborted();
  const gateway = await startGatewayProcess(postgres.databaseUrl, folder, cleanup);
  const keys = { caller: randomBytes(24).toString("base64url"), limited: randomBytes(24).toString("base64url") };
  const bindings: Binding[] = [
    ...toTexts({
      DATABASE_URL: gateway.connectionString,
      DATABASE_FETCH_ENDPOINT: gateway.endpoint,
      API_KEYS: JSON.stringify([toKeyEntry("caller", keys.caller), toKeyEntry(REFUSED_CALLER, keys.limited)]),
      CURSOR_SECRET: randomBytes(24).toString("base64url"),
      LOG_LEVEL: "error",
    }),
    { kind: "entrypoint", name: "TELEMETRY", port: telemetry.recorderPort },
  ];
  const start = async (version: (typeof VERSIONS)[number]): Promise<ApiVersion> => {
    const server = await startWorkerd({
      name: `the API ${version.tag}`,
      script: api.script,
      folder: path.join(folder, version.tag),
      probePath: PROBE_PATH,
      worker: { ...api.worker, bindings: [...withVersion(api, version), ...bindings] },
    });
    cleanup.add(() => server.stop());
    return { ...version, origin: new URL(server.origin) };
  };
  const versions = [await start(VERSIONS[0]), await start(VERSIONS[1])] as const;
  return { postgres: postgres.server, gateway, telemetry, versions, keys, metricsToken };
}

async function startDatabase(cleanup: CommandContext["cleanup"]) {
  const server = await startEmbeddedPostgres();
  cleanup.add(() => server.close());
  const databaseUrl = await server.createDatabase();
  await migrate({ postgresUrl: databaseUrl, log: () => undefined });
  return { server, databaseUrl };
}

/** The metadata of a version is the only JSON among the API's bindings. */
function withVersion({ worker }: ApiBundle, { id, tag }: Pick<ApiVersion, "id" | "tag">): Binding[] {
  const value = { id, tag, timestamp: "2024-01-01T00:00:00.000Z" };
  return worker.bindings.map((binding) => (binding.kind === "json" ? { ...binding, value } : binding));
}

const toTexts = (variables: Readonly<Record<string, string>>): Binding[] =>
  Object.entries(variables).map(([name, value]) => ({ kind: "text", name, value }));

function toKeyEntry(id: string, key: string): object {
  const sha256 = createHash("sha256").update(key).digest("hex");
  return { id, sha256, scopes: ["users:read", "users:write"] };
}
