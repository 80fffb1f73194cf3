import { eq, sql } from "drizzle-orm";

import { schemaMigrations } from "../db/migration-level.ts";
import type { QueryRunner } from "../db/query-runner.ts";
import { builder, prepareStatement } from "../db/statement.ts";
import type { DatabaseProbe } from "../models/database-probe.ts";

const ping = prepareStatement<Record<never, unknown>>("health.ping", "read", () => sql`select 1`);

const findMigration = prepareStatement<{ readonly name: string }>("health.has_migration", "read", (value) =>
  builder
    .select()
    .from(schemaMigrations)
    .where(eq(schemaMigrations.name, value("name"))),
);

/** Asks PostgreSQL whether it answers, and how far it has been migrated. */
export function createPostgresDatabaseProbe({ queries }: { readonly queries: QueryRunner }): DatabaseProbe {
  return {
    ping: (context) => queries.run(context, { statement: ping, values: {}, read: () => undefined }),
    hasMigration: (name, context) =>
      queries.run(context, { statement: findMigration, values: { name }, read: ({ rows }) => rows.length > 0 }),
  };
}
