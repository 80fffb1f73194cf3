import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "vitest";

import { migrate } from "../../tools/db/migrate.ts";
import { MIGRATIONS_FOLDER, readJournal } from "../../tools/db/migration-files.ts";
import { startPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import { writeMigrations } from "../support/migration-folder.ts";
import { buildUser } from "../support/users.ts";

const [REPLACES, VALIDATES] = ["0005_person_names", "0006_person_names_validated"] as const;

let postgres: PostgresServer;
let postgresUrl: string;
let folder: string;
let sql: pg.Client;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(async () => await postgres?.close());

/** A database as the version before knows it. */
beforeEach(async () => {
  postgresUrl = await postgres.createDatabase();
  folder = mkdtempSync(join(tmpdir(), "names-"));
  await takeMigrations((name) => name < REPLACES);
  await migrate({ postgresUrl, folder, log: () => {} });
  sql = await connect();
});

afterEach(async () => {
  await sql.end();
  rmSync(folder, { recursive: true });
});

/** Fills the folder with some of the project's migrations. */
async function takeMigrations(isWanted: (name: string) => boolean): Promise<void> {
  const names = (await readJournal(MIGRATIONS_FOLDER)).filter(isWanted);
  const text = (name: string) => readFileSync(join(MIGRATIONS_FOLDER, `${name}.sql`), "utf8");
  writeMigrations(folder, Object.fromEntries(names.map((name) => [name, text(name)])));
}

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  return client;
}

/** The two that replace the rule; what came later is none of theirs. */
async function applyBoth() {
  await takeMigrations((name) => name <= VALIDATES);
  return (await migrate({ postgresUrl, folder, log: () => {} })).applied;
}

/** Writes as a running version does; gives the constraint that refused it, or null. */
async function insert(client: pg.Client, fullName: string): Promise<string | null> {
  const { id, username, email } = buildUser();
  try {
    await client.query(
      "insert into users (id, username, email, full_name, created_at, updated_at) values ($1, $2, $3, $4, now(), now())",
      [id, username, email, fullName],
    );
    return null;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.constraint !== undefined) return error.constraint;
    throw error;
  }
}

async function isValidated(): Promise<unknown> {
  const { rows } = await sql.query<{ convalidated: boolean }>(
    "select convalidated from pg_constraint where conname = 'users_full_name_valid'",
  );
  return rows.map(({ convalidated }) => convalidated);
}

describe("The rule for names is replaced", () => {
  test("while the version before writes: nothing of it is refused, and no moment is without a rule", async ({
    expect,
  }) => {
    const outcomes = { good: new Set<string | null>(), bad: new Set<string | null>() };
    let [isDone, rounds] = [false, 0];
    const write = async () => {
      const client = await connect();
      while (!isDone) {
        outcomes.good.add(await insert(client, "Zoë O’Neill-Ångström"));
        outcomes.bad.add(await insert(client, "a<b"));
        rounds++;
      }
      await client.end();
    };
    const writers = Array.from({ length: 4 }, write);
    await expect.poll(() => rounds).toBeGreaterThan(40);
    expect(await insert(sql, "J. R. R. Tolkien")).toBe("users_full_name_valid");
    expect(await applyBoth()).toEqual([REPLACES, VALIDATES]);
    const roundsThen = rounds;
    await expect.poll(() => rounds).toBeGreaterThan(roundsThen + 40);
    isDone = true;
    await Promise.all(writers);
    expect(outcomes).toEqual({ good: new Set([null]), bad: new Set(["users_full_name_valid"]) });
    expect(await insert(sql, "J. R. R. Tolkien")).toBeNull();
    expect(await isValidated()).toEqual([true]);
  });

  test("and a name that nobody sees is told, found as the guide says, and keeps no other rule away", async ({
    expect,
  }) => {
    expect(await insert(sql, "Ada")).toBeNull();
    expect(await insert(sql, "\u3164")).toBeNull();
    await expect(applyBoth()).rejects.toThrow('"users_full_name_valid" of relation "users" is violated by some row');
    expect(await insert(sql, "J. R. R. Tolkien")).toBeNull();
    expect(await insert(sql, "\u3164")).toBe("users_full_name_valid");
    expect(await isValidated()).toEqual([false]);

    const query = /`(SELECT id[^`]+is_person_name[^`]+)`/.exec(readFileSync("docs/migrations.md", "utf8"))?.[1] ?? "";
    const { rows } = await sql.query<{ id: string }>(query);
    expect(rows).toHaveLength(1);
    await sql.query("update users set full_name = 'Unknown' where id = $1", [rows[0]?.id]);
    expect(await applyBoth()).toEqual([VALIDATES]);
    expect(await isValidated()).toEqual([true]);
  });
});
