import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import pg from "pg";
import { afterAll, beforeAll, describe, test } from "vitest";

import { migrate } from "../../tools/db/migrate.ts";
import { readPendingMigrations } from "../../tools/db/pending-migrations.ts";
import { type PostgresServer, startPostgres } from "../../tools/postgres/index.ts";
import { lintMigrations } from "../../tools/release/adapters/project-checks.ts";

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

  test("are the only ones that are applied", async ({ expect }) => {
    const { pending } = await readPendingMigrations({ postgresUrl, folder });
    const late = { "0002_late": "CREATE TABLE late (id int)" };
    const known = { "0000_book": CREATE, "0001_title": "ALTER TABLE book ADD COLUMN title text" };
    const apply = () => migrate({ postgresUrl, folder, log: () => {}, judged: pending });
    await write({ ...known, ...late });
    await expect(apply()).rejects.toThrow("were judged: 0002_late. Nothing was applied");
    await write({ ...known, "0001_title": "ALTER TABLE book ADD COLUMN other text" });
    await expect(apply()).rejects.toThrow("were judged: 0001_title. Nothing was applied");
    await write(known);
    expect(await apply()).toMatchObject({ applied: ["0001_title"] });
  });

  test("cannot be told when an applied one has changed", async ({ expect }) => {
    await write({ "0000_book": `${CREATE} -- later` });
    await expect(readPendingMigrations({ postgresUrl, folder })).rejects.toThrow(
      "changed after being applied: 0000_book",
    );
  });
});

describe("reading them", () => {
  test("leaves a server whose clients share one session able to write", async ({ expect }) => {
    const database = await PGlite.create();
    const socket = new PGLiteSocketServer({ db: database, port: 0, maxConnections: 10 });
    await socket.start();
    try {
      await write({ "0000_book": CREATE });
      const shared = `postgresql://postgres@${socket.getServerConn()}/postgres`;
      expect((await readPendingMigrations({ postgresUrl: shared, folder })).pending).toHaveLength(1);
      await database.query(CREATE);
    } finally {
      await socket.stop();
      await database.close();
    }
  });

  test("names the variable when there is no server", async ({ expect }) => {
    await expect(
      readPendingMigrations({ postgresUrl: "postgresql://u:s3cret@127.0.0.1:9/db", folder }),
    ).rejects.toThrow("127.0.0.1:9/db cannot be reached; check MIGRATION_DATABASE_URL: connect ECONNREFUSED");
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
