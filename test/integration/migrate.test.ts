import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "vitest";

import { migrate, type MigrateResult } from "../../tools/db/migrate.ts";
import { seed } from "../../tools/db/seed.ts";
import { startPostgres, type PostgresServer } from "../../tools/postgres/index.ts";

let postgres: PostgresServer;
let postgresUrl: string;
let folder: string;
let lines: string[];

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(async () => await postgres?.close());

beforeEach(async () => {
  postgresUrl = await postgres.createDatabase();
  folder = await mkdtemp(join(tmpdir(), "migrations-"));
  lines = [];
});

afterEach(async () => await rm(folder, { recursive: true }));

const log = (line: string): void => void lines.push(line);

async function writeMigrations(files: Record<string, string>): Promise<void> {
  await mkdir(join(folder, "meta"), { recursive: true });
  const entries = Object.keys(files).map((tag, idx) => ({ idx, version: "7", when: idx, tag, breakpoints: true }));
  await writeFile(
    join(folder, "meta", "_journal.json"),
    JSON.stringify({ version: "7", dialect: "postgresql", entries }),
  );
  for (const [tag, sql] of Object.entries(files)) await writeFile(join(folder, `${tag}.sql`), sql);
}

async function run(
  options: {
    lockTimeoutMs?: number;
    lockAttempts?: number;
    statementTimeoutMs?: number;
    concurrentRunTimeoutMs?: number;
  } = {},
): Promise<MigrateResult> {
  return await migrate({ postgresUrl, log, folder, ...options });
}

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const CREATE_BOOK = "CREATE TABLE book (id int);\n--> statement-breakpoint\nCREATE TABLE page (id int);\n";
const ADD_TITLE = "ALTER TABLE book ADD COLUMN title text;\n";

describe("applying", () => {
  test("pending migrations are applied in the journal's order, and once", async ({ expect }) => {
    await writeMigrations({ "0000_book": CREATE_BOOK });
    expect(await run()).toEqual({ applied: ["0000_book"], current: "0000_book" });
    await writeMigrations({ "0000_book": CREATE_BOOK, "0001_title": ADD_TITLE });
    expect(await run()).toEqual({ applied: ["0001_title"], current: "0001_title" });
    expect(await run()).toEqual({ applied: [], current: "0001_title" });
    expect(lines).toEqual([
      expect.stringMatching(/^applied 0000_book in \d+ ms$/),
      expect.stringMatching(/^applied 0001_title in \d+ ms$/),
      expect.stringMatching(/^nothing to do: .* is at 0001_title$/),
    ]);
    expect(await query("SELECT name, length(hash) AS length FROM schema_migrations ORDER BY name")).toEqual([
      { name: "0000_book", length: 64 },
      { name: "0001_title", length: 64 },
    ]);
  });

  test("an empty folder leaves an empty database", async ({ expect }) => {
    await writeMigrations({});
    expect(await run()).toEqual({ applied: [], current: null });
  });

  test("one that fails leaves nothing of itself and everything before it", async ({ expect }) => {
    await writeMigrations({
      "0000_book": CREATE_BOOK,
      "0001_broken": `${ADD_TITLE}--> statement-breakpoint\nSELECT 1 / 0;`,
    });
    await expect(run()).rejects.toThrow("0001_broken failed: division by zero");
    expect(await query("SELECT name FROM schema_migrations")).toEqual([{ name: "0000_book" }]);
    expect(await query("SELECT column_name FROM information_schema.columns WHERE table_name = 'book'")).toEqual([
      { column_name: "id" },
    ]);
  });

  test("runs at the same time apply everything exactly once", async ({ expect }) => {
    await writeMigrations({
      "0000_book": `${CREATE_BOOK}--> statement-breakpoint\nSELECT pg_sleep(0.2);`,
      "0001_title": ADD_TITLE,
    });
    const results = await Promise.all([run(), run(), run()]);
    expect(results.map(({ applied }) => applied.length).toSorted((a, b) => a - b)).toEqual([0, 0, 2]);
    expect(new Set(results.map(({ current }) => current))).toEqual(new Set(["0001_title"]));
  });

  test("the password is in no line", async ({ expect }) => {
    await writeMigrations({ "0000_book": CREATE_BOOK });
    await run();
    await run();
    expect(lines.join()).not.toContain(new URL(postgresUrl).password);
  });
});

describe("without transaction", () => {
  const INDEX = "-- migrate:no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS book_id_idx ON book (id);";

  test("an index is built concurrently, even while another run waits for the lock", async ({ expect }) => {
    await writeMigrations({ "0000_book": CREATE_BOOK, "0001_index": INDEX });
    const results = await Promise.all([run(), run()]);
    expect(results.map(({ applied }) => applied.length).toSorted((a, b) => a - b)).toEqual([0, 2]);
    expect(await query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'book_id_idx'::regclass")).toEqual([
      { indisvalid: true },
    ]);
  });

  test("an invalid index left by an interrupted run is not taken for a finished one", async ({ expect }) => {
    await writeMigrations({ "0000_book": CREATE_BOOK });
    await run();
    await query("INSERT INTO book VALUES (1), (1)");
    await query("CREATE UNIQUE INDEX CONCURRENTLY book_id_idx ON book (id)").catch(() => undefined);
    await writeMigrations({ "0000_book": CREATE_BOOK, "0001_index": INDEX });
    await expect(run()).rejects.toThrow("0001_index failed: invalid index left by an interrupted run: book_id_idx");
    await query("DROP INDEX book_id_idx");
    expect(await run()).toMatchObject({ applied: ["0001_index"] });
  });
});

describe("the ledger", () => {
  test("an applied file that has changed stops everything", async ({ expect }) => {
    await writeMigrations({ "0000_book": CREATE_BOOK });
    await run();
    await writeMigrations({ "0000_book": `${CREATE_BOOK}-- later thought`, "0001_title": ADD_TITLE });
    await expect(run()).rejects.toThrow("changed after being applied: 0000_book");
    expect(await query("SELECT name FROM schema_migrations")).toEqual([{ name: "0000_book" }]);
  });

  test("line ends of the checkout are no change", async ({ expect }) => {
    await writeMigrations({ "0000_book": CREATE_BOOK });
    await run();
    await writeMigrations({ "0000_book": CREATE_BOOK.replaceAll("\n", "\r\n") });
    expect(await run()).toMatchObject({ applied: [] });
  });

  test("a database ahead of the folder is noticed and accepted, as after a rollback", async ({ expect }) => {
    await writeMigrations({ "0000_book": CREATE_BOOK, "0001_title": ADD_TITLE });
    await run();
    lines = [];
    await writeMigrations({ "0000_book": CREATE_BOOK });
    expect(await run()).toEqual({ applied: [], current: "0001_title" });
    expect(lines[0]).toBe("notice: applied by a newer release: 0001_title");
  });
});

describe("limits", () => {
  test("a migration gives up on a lock that the application holds", async ({ expect }) => {
    await writeMigrations({ "0000_book": CREATE_BOOK });
    await run();
    await writeMigrations({ "0000_book": CREATE_BOOK, "0001_title": ADD_TITLE });
    const holder = new pg.Client({ connectionString: postgresUrl });
    await holder.connect();
    await holder.query("BEGIN; SELECT * FROM book");
    await expect(run({ lockTimeoutMs: 50, lockAttempts: 1 })).rejects.toThrow(
      "0001_title failed: canceling statement due to lock timeout",
    );
    await holder.end();
    expect(await run()).toMatchObject({ applied: ["0001_title"] });
  });

  test("a migration gives up on a statement that runs too long", async ({ expect }) => {
    await writeMigrations({ "0000_slow": "SELECT pg_sleep(5);" });
    await expect(run({ statementTimeoutMs: 50 })).rejects.toThrow(
      "0000_slow failed: canceling statement due to statement timeout",
    );
  });

  test("a run gives up on another run that does not finish", async ({ expect }) => {
    await writeMigrations({ "0000_slow": "SELECT pg_sleep(1.5);" });
    const first = run();
    // Other files have databases of their own on the same server.
    const locks =
      "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    await expect.poll(async () => await query(locks)).toHaveLength(1);
    await expect(run({ concurrentRunTimeoutMs: 50 })).rejects.toThrow(
      "another migration run has held the lock for 50 ms",
    );
    await first;
  });

  test.for([
    ["postgresql://user:secret@ep-cool-name-pooler.us-east-2.aws.neon.tech/db", /connection pooler/],
    ["mysql://user:secret@localhost/db", /not of the form/],
    ["nonsense", /not of the form/],
  ] as const)("%s is refused before anything is tried", async ([url, message], { expect }) => {
    await expect(migrate({ postgresUrl: url, log })).rejects.toThrow(message);
  });
});

describe("the repository's own migrations and seed", () => {
  test("they build the schema and fill in the development users once", async ({ expect }) => {
    const { applied, current } = await migrate({ postgresUrl, log });
    expect(current).toBe(applied.at(-1));
    expect(await seed({ postgresUrl, log })).toEqual({ inserted: 3 });
    await query("UPDATE users SET full_name = 'Johnny Doe' WHERE username = 'jdoe'");
    await query("DELETE FROM users WHERE username = 'bjones'");
    expect(await seed({ postgresUrl, log })).toEqual({ inserted: 1 });
    expect(await seed({ postgresUrl, log })).toEqual({ inserted: 0 });
    expect(
      await query(
        "SELECT username, email, full_name, substr(id::text, 15, 1) AS uuid_version, version FROM users ORDER BY username",
      ),
    ).toEqual([
      { username: "asmith", email: "asmith@example.com", full_name: "Alice Smith", uuid_version: "7", version: 1 },
      { username: "bjones", email: "bjones@example.com", full_name: "Bob Jones", uuid_version: "7", version: 1 },
      { username: "jdoe", email: "jdoe@example.com", full_name: "Johnny Doe", uuid_version: "7", version: 1 },
    ]);
  });

  test("a seed without schema fails", async ({ expect }) => {
    await expect(seed({ postgresUrl, log })).rejects.toThrow('relation "users" does not exist');
  });
});

describe("the commands", () => {
  const command = (name: string, args: string[], environment: Record<string, string> = {}) => {
    const file = fileURLToPath(new URL(`../../tools/db/${name}.ts`, import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], ...environment },
    });
    return { status, output: stdout + stderr };
  };

  test("they migrate and seed the database of the environment, the direct one first", ({ expect }) => {
    const environment = {
      MIGRATION_DATABASE_URL: postgresUrl,
      DATABASE_URL: "postgresql://user:secret@ep-a-pooler.example.com/db",
    };
    expect(command("migrate", [], environment)).toMatchObject({
      status: 0,
      output: expect.stringMatching(/^applied \S+ in \d+ ms$/m),
    });
    expect(command("migrate", ["--url", postgresUrl])).toMatchObject({
      status: 0,
      output: expect.stringContaining("nothing to do"),
    });
    expect(command("seed", [], environment)).toMatchObject({
      status: 0,
      output: expect.stringContaining("inserted 3 users"),
    });
  });

  test.for(["migrate", "seed"])(
    "%s explains itself and tells failures from mistakes, without a password",
    (name, { expect }) => {
      expect(command(name, ["--help"])).toMatchObject({
        status: 0,
        output: expect.stringContaining("Usage: npm run db:"),
      });
      expect(command(name, [])).toMatchObject({
        status: 2,
        output: expect.stringContaining("set MIGRATION_DATABASE_URL or DATABASE_URL"),
      });
      expect(command(name, ["--unknown"])).toMatchObject({ status: 2 });
      expect(command(name, ["--url", "postgresql://user:secret@ep-a-pooler.example.com/db"])).toMatchObject({
        status: 2,
      });
      const down = command(name, ["--url", "postgresql://user:secret@127.0.0.1:1/db"]);
      expect(down).toMatchObject({ status: 1, output: expect.stringContaining("ECONNREFUSED") });
      expect(down.output).not.toContain("secret");
    },
  );
});
