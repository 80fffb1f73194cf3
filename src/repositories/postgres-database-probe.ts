import { eq, sql } from "drizzle-orm";

import { schemaMigrations } from "../db/migration-level.ts";
import type { QueryRunner } from "../db/query-runner.ts";
import type { DatabaseProbe } from "../models/database-probe.ts";

/** Asks PostgreSQL whether it answers, and how far it has been migrated. */
export function createPostgresDatabaseProbe({ queries }: { readonly queries: QueryRunner }): DatabaseProbe {
  return {
    async ping() {
      await queries.run("health.ping", (db) => db.execute(sql`select 1`));
    },

    async hasMigration(name) {
      const rows = await queries.run("health.has_migration", (db) =>
        db.select().from(schemaMigrations).where(eq(schemaMigrations.name, name)),
      );
      return rows.length > 0;
    },
  };
}
