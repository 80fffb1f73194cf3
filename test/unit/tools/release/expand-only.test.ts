import { describe, test } from "vitest";

import { MIGRATIONS_FOLDER, readMigrations } from "../../../../tools/db/migration-files.ts";
import { findDangers } from "../../../../tools/release/migrations/expand-only.ts";

const check = (...statements: readonly string[]) => findDangers([{ name: "0009_change", statements }]);

describe("statements that a running version survives", () => {
  test.for([
    "CREATE TABLE teams (id uuid PRIMARY KEY, name text NOT NULL UNIQUE CHECK (name <> ''))",
    "CREATE TABLE IF NOT EXISTS teams (id uuid)",
    "CREATE UNLOGGED TABLE teams (id uuid)",
    "CREATE INDEX CONCURRENTLY users_email_idx ON users (email)",
    "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ DELETE FROM users; DROP TABLE users $$",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; DELETE FROM users; END",
    "CREATE TYPE colour AS ENUM ('red')",
    "CREATE MATERIALIZED VIEW v AS SELECT 1",
    "CREATE TRIGGER t AFTER INSERT ON users EXECUTE FUNCTION copy_name()",
    "ALTER TABLE users ADD COLUMN nickname text",
    "ALTER TABLE users ADD nickname text UNIQUE",
    "ALTER TABLE users ADD COLUMN IF NOT EXISTS nickname text",
    "ALTER TABLE users ADD COLUMN score integer NOT NULL DEFAULT 0",
    "ALTER TABLE users ADD COLUMN score integer DEFAULT f(1, 2) NOT NULL, ADD COLUMN nickname text",
    "ALTER TABLE users ADD COLUMN place bigserial NOT NULL",
    "ALTER TABLE users ADD COLUMN place bigint GENERATED ALWAYS AS IDENTITY NOT NULL",
    "ALTER TABLE users ADD CONSTRAINT users_score CHECK (version IS NOT NULL) NOT VALID",
    "ALTER TABLE users VALIDATE CONSTRAINT users_score",
    "ALTER TABLE users ALTER COLUMN full_name DROP NOT NULL",
    "ALTER TABLE users ALTER full_name SET DEFAULT 'x'",
    "ALTER TABLE users SET (fillfactor = 70)",
    "ALTER TYPE colour ADD VALUE 'blue'",
    "UPDATE users SET nickname = 'DELETE FROM users'",
    "INSERT INTO teams VALUES (1) ON CONFLICT DO NOTHING",
    "COMMENT ON TABLE users IS 'drop table users'",
    "-- DROP TABLE users\nSET lock_timeout = '1s'",
    "/* DROP TABLE users; */ GRANT SELECT ON users TO reader",
  ])("%s", (statement, { expect }) => {
    expect(check(statement)).toEqual([]);
  });
});

describe("statements that it may not survive", () => {
  test.for([
    ["DROP TABLE users", "may still use the table"],
    ["DROP TABLE IF EXISTS a, users CASCADE", "may still use the table"],
    ["DROP INDEX users_email_key", "rely on the index"],
    ["DROP FUNCTION users_holding", "may still use it"],
    ["DROP VIEW v", "may still use it"],
    ["TRUNCATE users", "removes rows"],
    ["DELETE FROM users", "removes rows"],
    ["UPDATE a SET b = (WITH gone AS (DELETE FROM users RETURNING 1) SELECT 1)", "removes rows"],
    ["WITH gone AS (DELETE FROM users RETURNING 1) SELECT 1", "not known"],
    ["ALTER TABLE users RENAME COLUMN email TO mail", "old name"],
    ["ALTER TABLE users RENAME TO people", "old name"],
    ["ALTER TABLE IF EXISTS ONLY public.users DROP COLUMN email", "may still use the column"],
    ['alter table "users" drop "email"', "may still use the column"],
    ["ALTER TABLE users DROP CONSTRAINT users_email_key", "rely on the constraint"],
    ["ALTER TABLE users ALTER COLUMN version TYPE bigint", "old type"],
    ["ALTER TABLE users ALTER version SET DATA TYPE bigint", "old type"],
    ["ALTER TABLE users ALTER COLUMN nickname SET NOT NULL", "leave the column empty"],
    ["ALTER TABLE users ALTER COLUMN version DROP DEFAULT", "rely on the default"],
    ["ALTER TABLE users ADD COLUMN nickname text NOT NULL", "does not fill"],
    ["ALTER TABLE users ADD COLUMN nickname text DEFAULT NULL NOT NULL", "does not fill"],
    ["ALTER TABLE users ADD COLUMN a text, ADD COLUMN b text NOT NULL", "does not fill"],
    ["ALTER TABLE users ADD CONSTRAINT c CHECK (email <> '')", "break the new constraint"],
    ["ALTER TABLE users ADD UNIQUE (full_name)", "break the new constraint"],
    ["ALTER TABLE users ADD CONSTRAINT c UNIQUE USING INDEX i", "break the new constraint"],
    ["ALTER TABLE users ADD FOREIGN KEY (id) REFERENCES teams (id)", "break the new constraint"],
    ["ALTER TABLE users ENABLE ROW LEVEL SECURITY", "not known"],
    ["ALTER TABLE users SET SCHEMA old", "looks for the table"],
    ["ALTER TYPE colour RENAME VALUE 'red' TO 'rot'", "expects the type"],
    ["CREATE UNIQUE INDEX CONCURRENTLY i ON users (full_name)", "may not be unique"],
    ["CREATE UNIQUE INDEX ON users (lower(full_name))", "may not be unique"],
    ["CREATE OR REPLACE FUNCTION is_email(text) RETURNS boolean", "under a new name"],
    ["CREATE POLICY p ON users", "not known"],
    ["ALTER SEQUENCE s RESTART", "not known"],
    ["REVOKE SELECT ON users FROM app", "not known"],
    ["DO $$ BEGIN DROP TABLE users; END $$", "cannot be seen"],
    ["SELECT pg_terminate_backend(1)", "not known"],
  ] as const)("%s", ([statement, reason], { expect }) => {
    expect(check(statement)).toEqual([
      { migration: "0009_change", statement: expect.any(String), reason: expect.stringContaining(reason) },
    ]);
  });
});

describe("what a pending migration has created itself", () => {
  test("may be changed at will", ({ expect }) => {
    const statements = [
      'CREATE TABLE "teams" ("id" uuid); CREATE UNIQUE INDEX ON teams (lower(name))',
      "ALTER TABLE teams ADD CONSTRAINT c FOREIGN KEY (owner) REFERENCES users (id), ALTER COLUMN id TYPE text",
      "ALTER TABLE users ADD COLUMN nickname text, ALTER COLUMN nickname SET NOT NULL, DROP COLUMN nickname",
      'CREATE UNIQUE INDEX i ON users ("nickname")',
      "ALTER TABLE users ADD CONSTRAINT c UNIQUE (nickname)",
      "DROP TABLE teams",
    ];
    expect(check(...statements)).toEqual([]);
  });

  test("is known to the migrations after it", ({ expect }) => {
    const [create, drop] = [
      { name: "1", statements: ["CREATE TABLE a (id int)"] },
      { name: "2", statements: ["DROP TABLE a"] },
    ];
    expect(findDangers([create, drop])).toEqual([]);
    expect(findDangers([drop, create])).toMatchObject([{ migration: "2" }]);
  });

  test("is not what may have been there before", ({ expect }) => {
    expect(check("CREATE TABLE IF NOT EXISTS users (id int)", "DROP TABLE users")).toHaveLength(1);
    expect(check("ALTER TABLE users ADD COLUMN IF NOT EXISTS email text, DROP COLUMN email")).toHaveLength(1);
    expect(check("ALTER TABLE users ADD COLUMN a text", "CREATE UNIQUE INDEX ON users (a, email)")).toHaveLength(1);
  });
});

test("every dangerous statement is reported, with its migration and as it was written", ({ expect }) => {
  const long = `ALTER TABLE users DROP COLUMN ${"x".repeat(200)}`;
  const dangers = check('DELETE\n FROM "Users"  WHERE id IN (1, 2); SELECT 1', long);
  expect(dangers.map(({ statement }) => statement)).toEqual([
    'DELETE FROM "Users" WHERE id IN (1, 2)',
    "SELECT 1",
    `${long.slice(0, 120)}…`,
  ]);
});

test("the repository's own migrations expand an empty database", async ({ expect }) => {
  expect(findDangers(await readMigrations(MIGRATIONS_FOLDER))).toEqual([]);
});
