import { globSync } from "node:fs";
import { join } from "node:path";

import { getTableColumns, getTableName } from "drizzle-orm";
import { test } from "vitest";

import journal from "../../migrations/meta/_journal.json" with { type: "json" };
import { EXPECTED_MIGRATION, schemaMigrations } from "../../src/db/migration-level.ts";

const files = globSync("*.sql", { cwd: join(import.meta.dirname, "../../migrations") })
  .map((file) => file.replace(/\.sql$/, ""))
  .toSorted();

test("the code expects the newest migration of the folder", ({ expect }) => {
  expect(files.length).toBeGreaterThan(1);
  expect(EXPECTED_MIGRATION).toBe(files.at(-1));
});

test("the journal lists every migration of the folder once, in the order of their names", ({ expect }) => {
  expect(journal.entries.map(({ tag }) => tag)).toEqual(files);
  expect(journal.entries.map(({ idx }) => idx)).toEqual(files.map((_, place) => place));
});

test("the ledger is read by the name that the migration tool gives it", ({ expect }) => {
  expect(getTableName(schemaMigrations)).toBe("schema_migrations");
  expect(Object.values(getTableColumns(schemaMigrations)).map(({ name }) => name)).toEqual(["name"]);
});
