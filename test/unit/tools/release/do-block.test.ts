import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, test } from "vitest";

import { MIGRATIONS_FOLDER } from "../../../../tools/db/migration-files.ts";
import { findDangers } from "../../../../tools/release/migrations/expand-only.ts";

const reasonsFor = async (...statements: readonly string[]) =>
  (await findDangers([{ name: "0009_change", statements }])).map(({ reason }) => reason);

const LIMIT = "EXECUTE format('ALTER DATABASE %I SET lock_timeout = %L', current_database(), '4s');";
const UNSEEN = ["what such a block does cannot be seen here"];

describe("a block that limits times", () => {
  test.for([
    `DO $$ BEGIN ${LIMIT} END $$`,
    `DO $x$\nBEGIN\n  ${LIMIT}\n  ${LIMIT.replace("lock_timeout", "statement_timeout")}\nEND;\n$x$;`,
  ])("passes: %s", async (statement, { expect }) => {
    expect(await reasonsFor(statement)).toEqual([]);
  });

  test("is how the migration of this project does it", async ({ expect }) => {
    const sql = readFileSync(join(MIGRATIONS_FOLDER, "0003_database_timeouts.sql"), "utf8");
    expect(await reasonsFor(sql)).toEqual([]);
    expect(await reasonsFor(sql.replace("END\n", "DROP TABLE users;\nEND\n"))).toEqual(UNSEEN);
  });
});

test.for([
  "DO $$ BEGIN END $$",
  "DO $$ BEGIN NULL; END $$",
  `DO $$ BEGIN ${LIMIT} DROP TABLE users; END $$`,
  `DO $$ BEGIN DROP TABLE users; ${LIMIT} END $$`,
  `DO $$ DECLARE a int; BEGIN ${LIMIT} END $$`,
  `DO LANGUAGE plpgsql $$ BEGIN ${LIMIT} END $$`,
  `DO $$ BEGIN ${LIMIT.replace("lock_timeout", "search_path")} END $$`,
  `DO $$ BEGIN ${LIMIT.replace("lock_timeout", "default_transaction_read_only")} END $$`,
  `DO $$ BEGIN ${LIMIT.replace("DATABASE", "ROLE")} END $$`,
  `DO $$ BEGIN ${LIMIT.replace("'4s'", "'0'")} END $$`,
  `DO $$ BEGIN ${LIMIT.replace("'4s'", "(SELECT drop_all())")} END $$`,
  `DO $$ BEGIN IF true THEN ${LIMIT} END IF; END $$`,
])("any other block is refused: %s", async (statement, { expect }) => {
  expect(await reasonsFor(statement)).toEqual(UNSEEN);
});
