import { describe, test } from "vitest";

import { MIGRATIONS_FOLDER, readMigrations } from "../../../../tools/db/migration-files.ts";
import { findDangers } from "../../../../tools/release/migrations/expand-only.ts";

const check = (...statements: readonly string[]) => findDangers([{ name: "0009_change", statements }]);

describe("statements that a running version survives", () => {
  test.for([
    "CREATE TABLE teams (id uuid PRIMARY KEY, name text NOT NULL UNIQUE CHECK (name <> ''))",
    "CREATE TABLE IF NOT EXISTS teams (id uuid)",
    "CREATE UNLOGGED TABLE teams (id uuid)",
    "CREATE TABLE teams AS SELECT 1 AS id",
    "CREATE TABLE teams (owner uuid REFERENCES users (id) ON DELETE CASCADE, parent uuid REFERENCES teams (id))",
    "CREATE TABLE teams (owner uuid, FOREIGN KEY (owner) REFERENCES users (id) ON DELETE SET NULL)",
    "CREATE TABLE teams (LIKE users)",
    "CREATE SCHEMA audit",
    "CREATE INDEX CONCURRENTLY users_email_idx ON users (email)",
    "-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY users_email_idx ON users (email)",
    "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ DELETE FROM users; DROP TABLE users $$",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; DELETE FROM users; END",
    "CREATE TYPE colour AS ENUM ('red')",
    "CREATE MATERIALIZED VIEW v AS SELECT 1",
    "CREATE VIEW v AS SELECT CASE WHEN true THEN 1 END AS end",
    "ALTER TABLE users ADD COLUMN nickname text",
    "ALTER TABLE users ADD nickname text UNIQUE",
    "ALTER TABLE users ADD COLUMN IF NOT EXISTS nickname text",
    "ALTER TABLE users ADD COLUMN score integer NOT NULL DEFAULT 0",
    "ALTER TABLE users ADD COLUMN country text DEFAULT 'XX'",
    "ALTER TABLE users ADD COLUMN nickname text, ALTER COLUMN nickname SET DEFAULT 'x'",
    "ALTER TABLE users ADD COLUMN place bigserial UNIQUE",
    "ALTER TABLE users ADD COLUMN manager uuid REFERENCES users (id)",
    "ALTER TABLE users ADD COLUMN plan uuid REFERENCES plans (id) ON DELETE SET NULL",
    "ALTER TABLE users ADD COLUMN score integer DEFAULT f(1, 2) NOT NULL, ADD COLUMN nickname text",
    "ALTER TABLE users ADD COLUMN place bigserial NOT NULL",
    "ALTER TABLE users ADD COLUMN place bigint GENERATED ALWAYS AS IDENTITY NOT NULL",
    "ALTER TABLE users ADD CONSTRAINT users_score CHECK (version IS NOT NULL) NOT VALID",
    "ALTER TABLE users VALIDATE CONSTRAINT users_score",
    "ALTER TABLE users ALTER COLUMN full_name DROP NOT NULL",
    "ALTER TABLE users SET (fillfactor = 70)",
    "ALTER TYPE colour ADD VALUE 'blue'",
    "COMMENT ON TABLE users IS 'drop table users'",
    "-- DROP TABLE users\nSET lock_timeout = '1s'",
    "SET LOCAL statement_timeout = 0",
    "/* DROP TABLE users; */ GRANT SELECT ON users TO reader",
    "/* x /* ' */ ; DROP TABLE users */ ANALYZE users",
    "COMMENT ON TABLE users IS 'it''s; DROP TABLE users'",
    String.raw`COMMENT ON TABLE users IS E'it\'s; DROP TABLE users; --'`,
    "COMMENT ON TABLE users IS $a$ $$ ; DROP TABLE users; $$ $a$",
    'CREATE TABLE "a; DROP TABLE users" (id int)',
    "RESET ALL",
    "",
    "-- nothing",
  ])("%s", async (statement, { expect }) => {
    expect(await check(statement)).toEqual([]);
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
    ["ALTER TABLE users ALTER COLUMN version SET DEFAULT NULL", "rely on the default"],
    ["ALTER TABLE users ALTER COLUMN version SET DEFAULT 0", "rely on the default"],
    ["ALTER TABLE users ADD COLUMN nickname text NOT NULL", "does not fill"],
    ["ALTER TABLE users ADD COLUMN nickname text DEFAULT NULL NOT NULL", "does not fill"],
    ["ALTER TABLE users ADD COLUMN nickname text DEFAULT (NULL) NOT NULL", "does not fill"],
    ["ALTER TABLE users ADD COLUMN nickname text NOT NULL DEFAULT nullif(1, 1)", "does not fill"],
    ["ALTER TABLE users ADD COLUMN k text DEFAULT 'a' NOT NULL, ALTER k DROP DEFAULT", "rely on the default"],
    ["ALTER TABLE users ADD COLUMN k text DEFAULT 'a' NOT NULL, ALTER k SET DEFAULT NULL", "rely on the default"],
    ["ALTER TABLE users ADD COLUMN k text DEFAULT 'a', ALTER COLUMN k SET NOT NULL", "leave the column empty"],
    ["ALTER TABLE users ADD COLUMN k text, ALTER COLUMN k SET NOT NULL", "leave the column empty"],
    ["ALTER TABLE users ADD COLUMN k text, ADD CONSTRAINT c NOT NULL k NOT VALID", "leave the column empty"],
    ["ALTER TABLE users ADD k int GENERATED ALWAYS AS IDENTITY, ALTER k DROP IDENTITY", "not known"],
    ["ALTER TABLE users ADD k int GENERATED ALWAYS AS (1 / version) STORED", "compute the new column"],
    ["ALTER TABLE users ADD COLUMN k text CHECK (length(username) > 10)", "break the new constraint"],
    ["ALTER TABLE users ADD COLUMN k text CONSTRAINT c CHECK (k IS NOT NULL)", "break the new constraint"],
    ["ALTER TABLE users ADD COLUMN k text DEFAULT 'a' UNIQUE", "break the new constraint"],
    ["ALTER TABLE users ADD COLUMN k text UNIQUE NULLS NOT DISTINCT", "break the new constraint"],
    ["ALTER TABLE users ADD COLUMN k int DEFAULT 1 PRIMARY KEY", "break the new constraint"],
    ["ALTER TABLE users ADD COLUMN k uuid DEFAULT f() REFERENCES users ON DELETE CASCADE", "break the new constraint"],
    ["ALTER TABLE users ADD COLUMN k serial REFERENCES plans ON DELETE CASCADE", "break the new constraint"],
    ["ALTER TABLE users ADD COLUMN k text DEFAULT 'a', ADD UNIQUE (k)", "break the new constraint"],
    ["ALTER TABLE users ADD COLUMN k text, ADD UNIQUE NULLS NOT DISTINCT (k)", "break the new constraint"],
    ["ALTER TABLE users ADD COLUMN k text UNIQUE, ALTER k SET DEFAULT 'a'", "break the new constraint"],
    ["ALTER TABLE users ADD COLUMN k text, ADD UNIQUE (k), ALTER k SET DEFAULT 'a'", "break the new constraint"],
    ["ALTER TABLE users ADD COLUMN k uuid REFERENCES plans (id)", "from deleting rows"],
    ["ALTER TABLE users ADD COLUMN k uuid, ADD FOREIGN KEY (k) REFERENCES plans (id)", "from deleting rows"],
    ["CREATE TABLE posts (author uuid REFERENCES users(id))", "from deleting rows"],
    ["CREATE TABLE posts (author uuid REFERENCES users(id) ON DELETE RESTRICT)", "from deleting rows"],
    ["CREATE TABLE posts (author uuid NOT NULL REFERENCES users ON DELETE SET NULL)", "from deleting rows"],
    ["CREATE TABLE posts (a int CHECK (a > 0), FOREIGN KEY (a) REFERENCES users)", "from deleting rows"],
    ["CREATE TABLE audit.users (id uuid REFERENCES users)", "from deleting rows"],
    ["CREATE TABLE posts AS WITH gone AS (DELETE FROM users RETURNING 1) SELECT 1", "removes rows"],
    ["CREATE TABLE posts AS WITH x AS (UPDATE users SET email = '' RETURNING 1) SELECT 1", "changes rows"],
    ["CREATE TABLE u2 () INHERITS (users)", "rows of another"],
    ["CREATE TABLE u2 PARTITION OF users FOR VALUES IN (1)", "rows of another"],
    ["ALTER TABLE users ATTACH PARTITION old FOR VALUES IN (1)", "not known"],
    ["CREATE TEMP TABLE users (id int)", "temporary"],
    ["CREATE SCHEMA s CREATE VIEW v AS SELECT 1", "not known"],
    ["SET search_path = audit", "not known"],
    ["CREATE TRIGGER t BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION f()", "what the running version writes"],
    ["CREATE TRIGGER t AFTER UPDATE OF email ON public.users EXECUTE FUNCTION f()", "what the running version writes"],
    ["UPDATE users SET full_name = 'x'", "changes rows"],
    ["UPDATE ONLY users AS u SET (full_name, email) = ('x', 'y')", "changes rows"],
    ["INSERT INTO users (id) VALUES (1)", "meet the new rows"],
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
    ["ALTER TABLE users ADD COLUMN k int NOT NULL DEFAULT CASE WHEN f() THEN 1 END", "does not fill"],
    ["CREATE TABLE posts (a uuid NOT NULL, FOREIGN KEY (a) REFERENCES users ON DELETE SET NULL)", "from deleting rows"],
    ["CREATE TABLE posts (a uuid REFERENCES users ON DELETE SET DEFAULT)", "from deleting rows"],
    ["CREATE TABLE t AS EXECUTE q", "not known"],
    ["CREATE TEMP VIEW users AS SELECT 1", "temporary"],
    ["CREATE OR REPLACE VIEW v AS SELECT 1", "under a new name"],
    ["MERGE INTO users USING a ON true WHEN MATCHED THEN DELETE", "not known"],
    [
      "INSERT INTO t SELECT 1 FROM (WITH x AS (MERGE INTO u USING a ON true WHEN MATCHED THEN DO NOTHING RETURNING 1) SELECT 1) s",
      "changes rows",
    ],
    ["ALTER TYPE colour RENAME TO color", "expects the type"],
    ["ALTER TYPE colour SET SCHEMA old", "expects the type"],
    ["ALTER TYPE address DROP ATTRIBUTE street", "expects the type"],
    ["ALTER VIEW v RENAME COLUMN a TO b", "not known"],
    ["DROP OWNED BY app", "may still use it"],
    ["VACUUM users", "not known"],
    ["BEGIN", "not known"],
    ["DROP TABEL users", "cannot read it (syntax error at or near"],
    ["'; DROP TABLE users", "cannot read it (unterminated quoted string"],
    ["/* /* */ DROP TABLE users", "cannot read it (unterminated /* comment"],
    ["$$ ; DROP TABLE users", "cannot read it (unterminated dollar-quoted string"],
  ] as const)("%s", async ([statement, reason], { expect }) => {
    expect(await check(statement)).toEqual([
      { migration: "0009_change", statement: expect.any(String), reason: expect.stringContaining(reason) },
    ]);
  });
});

describe("what a pending migration has created itself", () => {
  test("may be changed at will", async ({ expect }) => {
    const statements = [
      'CREATE TABLE "teams" ("id" uuid); CREATE UNIQUE INDEX ON teams (lower(name))',
      "ALTER TABLE teams ADD CONSTRAINT c FOREIGN KEY (owner) REFERENCES users ON DELETE CASCADE, ALTER id TYPE text",
      "ALTER TABLE public.teams ADD COLUMN a int NOT NULL CHECK (a > 0), ALTER a SET DEFAULT NULL, ALTER a SET NOT NULL",
      "CREATE TABLE members (team uuid REFERENCES teams (id)) ; CREATE TABLE captains () INHERITS (public.members)",
      "CREATE TRIGGER t AFTER INSERT OR UPDATE OF id ON teams EXECUTE FUNCTION f()",
      "INSERT INTO teams SELECT id FROM users ON CONFLICT (id) DO UPDATE SET id = excluded.id",
      "UPDATE teams SET name = 'x'",
      "ALTER TABLE users ADD COLUMN nickname text, ADD COLUMN gone text, ALTER gone TYPE uuid, DROP COLUMN gone",
      "UPDATE users AS u SET nickname = lower(u.full_name) FROM teams WHERE nickname IS NULL",
      "UPDATE users SET nickname = 'DELETE FROM users', (nickname) = (SELECT 'x')",
      'CREATE UNIQUE INDEX i ON users ("nickname")',
      "CREATE UNIQUE INDEX j ON users (nickname DESC)",
      "ALTER TABLE users ADD CONSTRAINT c UNIQUE (nickname)",
      "DROP TABLE teams",
    ];
    expect(await check(...statements)).toEqual([]);
  });

  test("is known to the migrations after it", async ({ expect }) => {
    const [create, drop] = [
      { name: "1", statements: ["CREATE TABLE a (id int)"] },
      { name: "2", statements: ["DROP TABLE a"] },
    ];
    expect(await findDangers([create, drop])).toEqual([]);
    expect(await findDangers([drop, create])).toMatchObject([{ migration: "2" }]);
  });

  test("is not what may have been there before", async ({ expect }) => {
    expect(await check("CREATE TABLE IF NOT EXISTS users (id int)", "DROP TABLE users")).toHaveLength(1);
    expect(await check("ALTER TABLE users ADD COLUMN IF NOT EXISTS email text, DROP COLUMN email")).toHaveLength(1);
    expect(await check("ALTER TABLE users ADD COLUMN a text", "CREATE UNIQUE INDEX ON users (a, email)")).toHaveLength(
      1,
    );
  });

  test.for([
    ["ALTER TABLE users ADD COLUMN a text NOT NULL DEFAULT 'x'", "ALTER TABLE users ALTER COLUMN a DROP DEFAULT"],
    ["ALTER TABLE users ADD COLUMN a text NOT NULL DEFAULT 'x'", "ALTER TABLE public.users ALTER a SET DEFAULT NULL"],
    ["ALTER TABLE users ADD COLUMN a text DEFAULT 'x'", "CREATE UNIQUE INDEX ON users (a)"],
    ["ALTER TABLE users ADD COLUMN a text", "CREATE UNIQUE INDEX ON users (a) NULLS NOT DISTINCT"],
    ["ALTER TABLE users ADD COLUMN a text, ALTER a SET DEFAULT 'x'", "CREATE UNIQUE INDEX ON users (a)"],
    [
      "ALTER TABLE users ADD COLUMN a text; CREATE UNIQUE INDEX ON users (a)",
      "ALTER TABLE users ALTER a SET DEFAULT ''",
    ],
    ["CREATE TABLE audit.users (id int)", "ALTER TABLE public.users DROP CONSTRAINT users_email_key"],
    ["CREATE TABLE audit.users (id int)", "ALTER TABLE users ENABLE ROW LEVEL SECURITY"],
    ["CREATE TABLE audit.users (id int)", "DROP TABLE users"],
    ["CREATE TABLE audit.users (id int)", "INSERT INTO users VALUES (1)"],
    ["CREATE TABLE teams (id int)", "ALTER TABLE teams ADD FOREIGN KEY (id) REFERENCES users (id)"],
    ["CREATE TABLE teams (id int)", "ALTER TABLE teams INHERIT users"],
    ["CREATE TABLE teams (id int) PARTITION BY LIST (id)", "ALTER TABLE teams ATTACH PARTITION users DEFAULT"],
    [
      "CREATE TABLE teams (id int)",
      "INSERT INTO teams WITH x AS (UPDATE users SET id = 1 RETURNING id) SELECT id FROM x",
    ],
    ["ALTER TABLE users ADD COLUMN a bool", "UPDATE users SET a = true IS DISTINCT FROM true, email = 'x'"],
    ["ALTER TABLE users ADD COLUMN a bool", "UPDATE users SET (a, email) = (true, 'x')"],
    ["ALTER TABLE users ADD COLUMN set text", "UPDATE users AS set SET email = 'x'"],
    ["CREATE VIEW v AS SELECT 1 AS case", "TRUNCATE users"],
    ["CREATE VIEW v AS SELECT 1 AS end", "TRUNCATE users"],
    ["CREATE VIEW v AS SELECT begin atomic FROM t", "TRUNCATE users"],
    ["CREATE FUNCTION f() RETURNS int RETURN (SELECT begin atomic FROM t)", "TRUNCATE users"],
    ["CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 1 END; END", "TRUNCATE users"],
    ['CREATE TABLE "Users" (id int)', "DROP TABLE USERS"],
  ] as const)("does not excuse the second: %s; %s", async ([first, second], { expect }) => {
    expect(await check(first, second)).toHaveLength(1);
    expect(await check(`${first}; ${second}`)).toHaveLength(1);
  });
});

describe("a CHECK that is replaced under its name, in one statement", () => {
  const SWAP = "ALTER TABLE users DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (email <> '') NOT VALID";
  const made = (...statements: readonly string[]) => [{ name: "0000_create", statements }];
  const reasonsAfter = async (earlier: readonly string[], ...statements: readonly string[]) =>
    (await findDangers([{ name: "0009_change", statements }], made(...earlier))).map(({ reason }) => reason);

  test.for([
    ["CREATE TABLE users (email text CONSTRAINT c CHECK (true))"],
    ["CREATE TABLE users (email text, CONSTRAINT c CHECK (true))"],
    ["CREATE TABLE users (email text)", "ALTER TABLE users ADD CONSTRAINT c CHECK (true)"],
    ["CREATE TABLE users (id int)", "ALTER TABLE users ADD COLUMN email text CONSTRAINT c CHECK (true)"],
    ["CREATE TABLE users (email text CONSTRAINT c UNIQUE)", SWAP],
  ])("is allowed after %j", async (earlier, { expect }) => {
    expect(await reasonsAfter(earlier, SWAP, "ALTER TABLE users VALIDATE CONSTRAINT c")).toEqual([]);
  });

  test("is allowed again, after itself", async ({ expect }) => {
    expect(await reasonsAfter(["CREATE TABLE users (email text CONSTRAINT c CHECK (true))"], SWAP, SWAP)).toEqual([]);
  });

  test.for([
    ["is no CHECK", ["CREATE TABLE users (email text CONSTRAINT c UNIQUE)"], SWAP],
    ["is a CHECK of another table", ["CREATE TABLE posts (email text CONSTRAINT c CHECK (true))"], SWAP],
    ["is not known", [], SWAP],
    ["was made by SQL that cannot be read", ["CREATE TABEL users (email text CONSTRAINT c CHECK (true))"], SWAP],
    [
      "has become a UNIQUE",
      [
        "CREATE TABLE users (email text CONSTRAINT c CHECK (true))",
        "ALTER TABLE users DROP CONSTRAINT c, ADD CONSTRAINT c UNIQUE (email)",
      ],
      SWAP,
    ],
    [
      "has got its name from another one",
      [
        "CREATE TABLE users (email text CONSTRAINT c CHECK (true), CONSTRAINT d UNIQUE (email))",
        "ALTER TABLE users RENAME CONSTRAINT c TO old",
        "ALTER TABLE users RENAME CONSTRAINT d TO c",
      ],
      SWAP,
    ],
    [
      "is replaced by something else",
      ["CREATE TABLE users (email text CONSTRAINT c CHECK (true))"],
      "ALTER TABLE users DROP CONSTRAINT c, ADD CONSTRAINT d CHECK (email <> '') NOT VALID",
    ],
    [
      "is only dropped",
      ["CREATE TABLE users (email text CONSTRAINT c CHECK (true))"],
      "ALTER TABLE users DROP CONSTRAINT c",
    ],
  ] as const)("is refused when what is dropped %s", async ([, earlier, statement], { expect }) => {
    expect(await reasonsAfter(earlier, statement)).toEqual(["the running version may rely on the constraint"]);
  });

  test("is refused when the new one is validated at once", async ({ expect }) => {
    const earlier = ["CREATE TABLE users (email text CONSTRAINT c CHECK (true))"];
    expect(await reasonsAfter(earlier, SWAP.replace(" NOT VALID", ""))).toEqual([
      expect.stringContaining("may break the new constraint"),
    ]);
  });
});

test("a statement is shown as it was written, whatever letters come before it", async ({ expect }) => {
  const dangers = await check("-- größe\nCOMMENT ON TABLE a IS 'ä€😀'; /* é */ DROP\tTABLE users; ANALYZE");
  expect(dangers.map(({ statement }) => statement)).toEqual(["DROP TABLE users"]);
});

test("every dangerous statement is reported, with its migration and as it was written", async ({ expect }) => {
  const long = `ALTER TABLE users DROP COLUMN ${"x".repeat(200)}`;
  const dangers = await check('DELETE\n FROM "Users"  WHERE id IN (1, 2); SELECT 1', long);
  expect(dangers.map(({ statement }) => statement)).toEqual([
    'DELETE FROM "Users" WHERE id IN (1, 2)',
    "SELECT 1",
    `${long.slice(0, 120)}…`,
  ]);
});

test("the repository's own migrations expand an empty database", async ({ expect }) => {
  expect(await findDangers(await readMigrations(MIGRATIONS_FOLDER))).toEqual([]);
});

test("each of the repository's own migrations expands what those before it have made", async ({ expect }) => {
  const all = await readMigrations(MIGRATIONS_FOLDER);
  for (const [place, migration] of all.entries())
    expect(await findDangers([migration], all.slice(0, place)), migration.name).toEqual([]);
});
