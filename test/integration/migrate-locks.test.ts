import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "vitest";

import { migrate, type MigrateOptions } from "../../tools/db/migrate.ts";
import { MIGRATIONS_FOLDER, readMigrations } from "../../tools/db/migration-files.ts";
import { startPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import { writeMigrations } from "../support/migration-folder.ts";

let postgres: PostgresServer;
let postgresUrl: string;
let folder: string;
let lines: string[];
let sql: pg.Client;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(async () => await postgres?.close());

beforeEach(async () => {
  postgresUrl = await postgres.createDatabase();
  folder = mkdtempSync(join(tmpdir(), "migrations-"));
  lines = [];
  sql = new pg.Client({ connectionString: postgresUrl });
  await sql.connect();
});

afterEach(async () => {
  await sql.end();
  rmSync(folder, { recursive: true });
});

const CREATE = "CREATE TABLE book (id int);";
const TWO_STEPS = "CREATE TABLE page (id int);\n--> statement-breakpoint\nALTER TABLE book ADD COLUMN title text;";

const run = (options: Partial<MigrateOptions> = {}) =>
  migrate({ postgresUrl, folder, log: (line) => void lines.push(line), lockTimeoutMs: 50, ...options });

async function namesOf(query: string): Promise<string[]> {
  return (await sql.query<{ name: string }>(query)).rows.map(({ name }) => name);
}

const applied = () => namesOf("SELECT name FROM schema_migrations ORDER BY name");
const tables = () =>
  namesOf("SELECT tablename AS name FROM pg_tables WHERE tablename IN ('book', 'page') ORDER BY tablename");

/** A transaction that has read the table and does not end. */
async function holdBook(): Promise<void> {
  await sql.query("BEGIN");
  await sql.query("SELECT * FROM book");
}

describe("two runs at the same time", () => {
  test("as commands: both end well, and everything is applied once", async ({ expect }) => {
    const command = () => promisify(execFile)(process.execPath, [resolve("tools/db/migrate.ts"), "--url", postgresUrl]);
    const outputs = (await Promise.all([command(), command()])).map(({ stdout }) => stdout);
    const names = (await readMigrations(MIGRATIONS_FOLDER)).map(({ name }) => name);
    expect(await applied()).toEqual(names);
    const reported = outputs.flatMap((text) => [...text.matchAll(/^applied (\S+)/gm)].map(([, name = ""]) => name));
    expect(reported.toSorted((a, b) => a.localeCompare(b))).toEqual(names);
  });
});

describe("a lock that is not free", () => {
  beforeEach(async () => {
    writeMigrations(folder, { "0000_book": CREATE });
    await run();
    writeMigrations(folder, { "0000_book": CREATE, "0001_title": TWO_STEPS });
    lines = [];
  });

  test("ends the run after as many attempts as it may make, with nothing changed", async ({ expect }) => {
    await holdBook();
    const startedAt = performance.now();
    await expect(run({ lockAttempts: 3 })).rejects.toThrow(
      /^0001_title failed: canceling statement due to lock timeout, 3 times \(each waits 50 ms at most\)\. Nothing of it was applied\. Open transactions: process \d+ \(idle in transaction\) for \d+ s\. Wait until/,
    );
    // Three waits and two pauses; a machine can only make them longer.
    expect(performance.now() - startedAt).toBeGreaterThan(3 * 50 + 50 + 100 - 5);
    await sql.query("COMMIT");
    expect(lines).toEqual([
      "0001_title: canceling statement due to lock timeout; nothing was changed. Attempt 2 of 3 in 50 ms",
      "0001_title: canceling statement due to lock timeout; nothing was changed. Attempt 3 of 3 in 100 ms",
    ]);
    expect(await tables()).toEqual(["book"]);
    expect(await applied()).toEqual(["0000_book"]);
  });

  test("that is free at a later attempt costs only time", async ({ expect }) => {
    await holdBook();
    const end = async (line: string) => {
      lines.push(line);
      if (line.includes("Attempt 2")) await sql.query("COMMIT");
    };
    expect(await run({ log: (line) => void end(line) })).toMatchObject({ applied: ["0001_title"] });
    expect(lines.filter((line) => line.includes("Attempt"))).not.toHaveLength(0);
    expect(await tables()).toEqual(["book", "page"]);
  });

  test("holds up the queries behind it no longer than one attempt waits", async ({ expect }) => {
    await holdBook();
    const reader = new pg.Client({ connectionString: postgresUrl });
    await reader.connect();
    // Many times what an attempt waits; a migration that stays in the queue makes it fail.
    await reader.query("SET lock_timeout = '10s'");
    let isDone = false;
    const failure = run({ lockAttempts: 4, lockTimeoutMs: 200 }).catch((error: unknown) => error);
    void failure.then(() => (isDone = true));
    let answers = 0;
    while (!isDone) {
      await reader.query("SELECT * FROM book");
      answers += 1;
    }
    await reader.end();
    expect(String(await failure)).toContain("4 times");
    expect(answers).toBeGreaterThan(4);
  });

  test("is not waited for again by what failed for another reason", async ({ expect }) => {
    writeMigrations(folder, { "0000_book": CREATE, "0001_title": "SELECT 1 / 0;" });
    await expect(run()).rejects.toThrow("0001_title failed: division by zero");
    expect(lines).toEqual([]);
  });
});

test("the limits of the database do not end a migration that sets its own", async ({ expect }) => {
  const { rows } = await sql.query<{ name: string }>("SELECT quote_ident(current_database()) AS name");
  await sql.query(`ALTER DATABASE ${rows[0]?.name} SET statement_timeout = '50ms'`);
  writeMigrations(folder, {
    "0000_slow": "SELECT pg_sleep(0.2);",
    "0001_alone": "-- migrate:no-transaction\nSELECT pg_sleep(0.2);",
  });
  expect(await run()).toMatchObject({ applied: ["0000_slow", "0001_alone"] });
});
