import { Connections } from "./connections.ts";
import { createRequestFaults, type Fault } from "./faults.ts";
import { createQueryHandler, type GatewayStats } from "./query-handler.ts";
import type { Credentials } from "./request-headers.ts";
import { startServer } from "./server.ts";

export type { Fault } from "./faults.ts";
export type { GatewayStats } from "./query-handler.ts";

const MAX_BYTES = 10 * 1024 * 1024; // Neon's default for requests and for responses.
const POOL_SIZE = 20; // Neon's default per endpoint.

export interface GatewayOptions {
  /** A direct connection to PostgreSQL, or to PGlite behind pglite-socket. */
  readonly postgresUrl: string;
  /** What clients must present; the user, password and database of `postgresUrl` when absent. */
  readonly credentials?: Credentials;
  /** Address to listen on; 127.0.0.1 when absent. */
  readonly host?: string;
  /** Port to listen on; a free one when absent or 0. */
  readonly port?: number;
  readonly maxRequestBytes?: number;
  readonly maxResponseBytes?: number;
  /** Sessions at once, 20 when absent; further requests wait in line. PGlite always gets one. */
  readonly poolSize?: number;
  /** Milliseconds that each request keeps its session besides its statement, as on a slower database; 0 when absent. */
  readonly serviceMs?: number;
  /** Serves the control interface below `/_gateway/`; off when absent. */
  readonly admin?: boolean;
}

/** A running gateway. */
export interface Gateway {
  /** For `neonConfig.fetchEndpoint`. */
  readonly url: string;
  /** What clients must give to `neon()`. */
  readonly connectionString: string;
  /** Live counters. */
  readonly stats: Readonly<GatewayStats>;
  resetStats(): void;
  inject(fault: Fault): void;
  /** Those that can still hit. */
  listFaults(): readonly Fault[];
  clearFaults(): void;
  close(): Promise<void>;
}

/** Starts Neon's SQL-over-HTTP protocol in front of one database; PostgreSQL need not be up. Rejects when the port is taken. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const {
    postgresUrl,
    host = "127.0.0.1",
    port = 0,
    maxRequestBytes = MAX_BYTES,
    maxResponseBytes = MAX_BYTES,
  } = options;
  const credentials = options.credentials ?? credentialsOf(postgresUrl);
  const stats: GatewayStats = { requests: 0, statements: 0, cancelled: 0 };
  const connections = new Connections({ postgresUrl, limit: options.poolSize ?? POOL_SIZE });
  const faults = createRequestFaults(Math.random);
  const control = {
    stats,
    resetStats: () => void Object.assign(stats, { requests: 0, statements: 0, cancelled: 0 }),
    inject: (fault: Fault) => (fault.kind === "refuse" ? server.refuse(fault.durationMs) : faults.add(fault)),
    listFaults: () => faults.list(),
    clearFaults: () => {
      faults.clear();
      server.reopen();
    },
  };
  const handleQuery = createQueryHandler({
    connections,
    credentials,
    faults,
    stats,
    maxRequestBytes,
    maxResponseBytes,
    serviceMs: options.serviceMs ?? 0,
  });
  const server = await startServer({ host, port, handleQuery, admin: options.admin === true ? control : undefined });
  return {
    ...control,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${server.port}/sql`,
    connectionString: connectionStringOf(credentials),
    close: async () => {
      await server.close();
      await connections.close();
    },
  };
}

function credentialsOf(postgresUrl: string): Credentials {
  const url = new URL(postgresUrl);
  return {
    user: decodeURIComponent(url.username),
    // The protocol has no requests without a password; PGlite needs none, so any fixed one will do.
    password: decodeURIComponent(url.password) || "postgres",
    database: decodeURIComponent(url.pathname.slice(1)),
  };
}

function connectionStringOf({ user, password, database }: Credentials): string {
  return `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@localhost/${encodeURIComponent(database)}`;
}
