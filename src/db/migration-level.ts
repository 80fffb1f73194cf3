import { pgTable, text } from "drizzle-orm/pg-core";

import journal from "../../migrations/meta/_journal.json" with { type: "json" };

/** Name of the newest migration this code was written for; the start-up probe asks whether it is applied. */
export const EXPECTED_MIGRATION: string = journal.entries.at(-1)?.tag ?? "";

/** The ledger that `tools/db/migrate.ts` creates and keeps; the Worker only reads it. */
export const schemaMigrations = pgTable("schema_migrations", { name: text("name").primaryKey() });
