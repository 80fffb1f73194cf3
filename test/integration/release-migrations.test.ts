import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import pg from "pg";
import { afterAll, beforeAll, describe, test } from "vitest";

import { migrate } from "../../tools/db/migrate.ts";
import { readPendingMigrations } from "../../tools/db/pending-migrations.ts";
import { type PostgresServer, startPostgres } from "../../tools/postgres/index.ts";
import { lintMigrations } from "../../tools/release/parts/project-checks.ts";

let postgres: PostgresServer;
let postgresUrl: string;
let folder: string;

beforeAll(async () => {
  [postgres, folder] = await Promise.all([startPostgres(), mkdtemp(join(tmpdir(), "migrations-"))]);
  postgresUrl = await postgres.createDatabase();
});

afterAll(async () => {
  await postgres?.close();
  await rm(folder, { recursive: true });
});

async function write(files: Record<string, string>): Promise<void> {
  await mkdir(join(folder, "meta"), { recursive: true });
  const entries = Object.keys(files).map((tag, idx) => ({ idx, version: "7", when: idx, tag, breakpoints: true }));
  await writeFile(join(folder, "meta", "_journal.json"), JSON.stringify({ entries }));
  for (const [tag, sql] of Object.entries(files)) await writeFile(join(folder, `${tag}.sql`), sql);
}

const CREATE = "CREATE TABLE book (id int)";

async function tables(): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    return (await client.query<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"))
      .rows;
  } finally {
    await client.end();
  }
}

describe("migrations that a release would apply", () => {
  test("are read from an empty database without a trace", async ({ expect }) => {
    await write({ "0000_book": CREATE });
    expect((await readPendingMigrations({ postgresUrl, folder })).pending).toMatchObject([{ name: "0000_book" }]);
    expect(await tables()).toEqual([]);
  });

  test("are those that the database has not seen", async ({ expect }) => {
    await migrate({ postgresUrl, folder, log: () => {} });
    await write({ "0000_book": CREATE, "0001_title": "ALTER TABLE book ADD COLUMN title text" });
    const { pending, unknown } = await readPendingMigrations({ postgresUrl, folder });
    expect(pending.map(({ name }) => name)).toEqual(["0001_title"]);
    expect(unknown).toEqual([]);
  });

  test("cannot be told when an applied one has changed", async ({ expect }) => {
    await write({ "0000_book": `${CREATE} -- later` });
    await expect(readPendingMigrations({ postgresUrl, folder })).rejects.toThrow(
      "changed after being applied: 0000_book",
    );
  });
});

describe("the linter", () => {
  const lint = (file: string) => lintMigrations([file], new AbortController().signal);

  test("accepts this repository's migrations", async ({ expect }) => {
    expect(await lint("migrations/0001_create_users.sql")).toEqual([]);
  });

  test("refuses what it finds, with its words", async ({ expect }) => {
    const file = join(folder, "0002_required.sql");
    await writeFile(file, "ALTER TABLE users ADD COLUMN a int NOT NULL;\n");
    expect(await lint(file)).toEqual([expect.stringContaining("adding-required-field")]);
  });
});
