import { cpSync, globSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, test } from "vitest";

import { findMigrationFaults } from "../../../../tools/db/check-migrations.ts";
import { MIGRATIONS_FOLDER } from "../../../../tools/db/migration-files.ts";
import { releaseMigrations } from "../../../../tools/db/release-migrations.ts";
import { findLeftovers } from "../../../../tools/db/schema-faults.ts";

/** A copy of this project's migrations, of which the first three are released. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "migrations-"));
  cpSync(MIGRATIONS_FOLDER, folder, { recursive: true });
  const released: unknown[] = JSON.parse(read("released.json"));
  write("released.json", JSON.stringify(released.slice(0, 3)));
});

afterEach(() => rmSync(folder, { recursive: true }));

const read = (file: string): string => readFileSync(join(folder, file), "utf8");
const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
const check = () => findMigrationFaults(folder);

interface Entry {
  idx: number;
  tag: string;
}

function changeJournal(change: (entries: Entry[]) => Entry[]): void {
  const journal: { entries: Entry[] } = JSON.parse(read("meta/_journal.json"));
  write("meta/_journal.json", JSON.stringify({ ...journal, entries: change(journal.entries) }));
}

const renameEntry = (from: string, to: string): void =>
  changeJournal((entries) => entries.map((entry) => (entry.tag === from ? { ...entry, tag: to } : entry)));

describe("the migrations of this project", () => {
  test("are in order", async ({ expect }) => {
    expect(await findMigrationFaults(MIGRATIONS_FOLDER)).toEqual([]);
  });

  test("are in order whatever line ends the checkout made", async ({ expect }) => {
    write("0001_create_users.sql", read("0001_create_users.sql").replaceAll("\n", "\r\n"));
    expect(await check()).toEqual([]);
  });
});

describe("a released migration", () => {
  test("may not be edited, not even by a comment", async ({ expect }) => {
    write("0001_create_users.sql", `${read("0001_create_users.sql")}-- later thought\n`);
    expect(await check()).toEqual([
      "0001_create_users.sql has changed since it was released: restore it, and put the change into a new migration: npm run db:generate -- --name what_it_does",
    ]);
  });

  test("may not vanish", async ({ expect }) => {
    rmSync(join(folder, "0002_users_holding.sql"));
    changeJournal((entries) => entries.filter(({ tag }) => tag !== "0002_users_holding"));
    expect(await check()).toContainEqual(
      expect.stringMatching(/^0002_users_holding\.sql was released and is gone: restore it/),
    );
  });

  test("may not get another number", async ({ expect }) => {
    renameSync(join(folder, "0002_users_holding.sql"), join(folder, "0009_users_holding.sql"));
    renameEntry("0002_users_holding", "0009_users_holding");
    expect(await check()).toContain(
      "0002_users_holding.sql was released and is called 0009_users_holding.sql now: give it its name back, also in meta/_journal.json",
    );
  });

  test("may not be moved in the journal", async ({ expect }) => {
    changeJournal(([first, second, ...rest]) => [second, first, ...rest].filter((entry) => entry !== undefined));
    expect(await check()).toContainEqual(
      expect.stringMatching(/^meta\/_journal\.json has 0001_create_users where 0000_text_rules was released/),
    );
  });

  test("may not leave the journal", async ({ expect }) => {
    changeJournal((entries) => entries.slice(0, 2));
    expect(await check()).toContainEqual(expect.stringMatching(/has nothing where 0002_users_holding was released/));
  });

  test("may have no new one before it", async ({ expect }) => {
    write("0001_early.sql", "SELECT 1;");
    changeJournal(([first, ...rest]) =>
      [first, { idx: 1, tag: "0001_early" }, ...rest].filter((one) => one !== undefined),
    );
    expect(await check()).toContainEqual(expect.stringMatching(/has 0001_early where 0001_create_users was released/));
  });
});

describe("one that is not released", () => {
  test("may be edited", async ({ expect }) => {
    write("0003_database_timeouts.sql", `${read("0003_database_timeouts.sql")}-- better\n`);
    expect(await check()).toEqual([]);
  });

  test("must have its file", async ({ expect }) => {
    rmSync(join(folder, "0003_database_timeouts.sql"));
    expect(await check()).toEqual([expect.stringContaining("there is no 0003_database_timeouts.sql")]);
  });

  test("must be in the journal", async ({ expect }) => {
    write("0099_forgotten.sql", "SELECT 1;");
    expect(await check()).toEqual([expect.stringContaining("0099_forgotten.sql is not in meta/_journal.json")]);
  });

  test("must have the number of its place", async ({ expect }) => {
    renameSync(join(folder, "0003_database_timeouts.sql"), join(folder, "0004_database_timeouts.sql"));
    renameEntry("0003_database_timeouts", "0004_database_timeouts");
    expect(await check()).toEqual([expect.stringMatching(/^0004_database_timeouts is number 3 .* two branches/)]);
  });
});

describe("the schema", () => {
  const newestSnapshot = () => globSync("meta/*_snapshot.json", { cwd: folder }).toSorted().at(-1) ?? "";

  interface Table {
    columns: Record<string, { notNull?: boolean }>;
  }

  function changeUsers(change: (users: Table) => void): void {
    const snapshot: { tables: Record<string, Table> } = JSON.parse(read(newestSnapshot()));
    const users = snapshot.tables["public.users"] ?? { columns: {} };
    change(users);
    write(newestSnapshot(), JSON.stringify({ ...snapshot, tables: { ...snapshot.tables, "public.users": users } }));
  }

  test("has to follow from the migrations: a table", async ({ expect }) => {
    // Of the time before there was one.
    write(newestSnapshot(), read("meta/0000_snapshot.json"));
    expect(await check()).toEqual([expect.stringContaining("src/db/schema.ts differs from meta/")]);
  });

  test("has to follow from the migrations: a column", async ({ expect }) => {
    changeUsers(({ columns }) => delete columns["email"]);
    expect(await check()).toEqual([expect.stringContaining("src/db/schema.ts differs from meta/")]);
  });

  test("has to follow from the migrations: what a column is like", async ({ expect }) => {
    changeUsers(({ columns }) => (columns["email"] = { ...columns["email"], notNull: false }));
    expect(await check()).toEqual([expect.stringContaining("src/db/schema.ts differs from meta/")]);
  });

  test("may have let go of a column that the database still has", async ({ expect }) => {
    expect(findLeftovers(folder)).toEqual([]);
    changeUsers(({ columns }) => (columns["nickname"] = {}));
    expect(await check()).toEqual([]);
    expect(findLeftovers(folder)).toEqual(["public.users.nickname"]);
  });
});

describe("noting a release", () => {
  test("adds what is new, once, and guards it from then on", async ({ expect }) => {
    expect(await releaseMigrations(folder)).toContain("noted as released: 0003_database_timeouts, 0004");
    expect(await releaseMigrations(folder)).toBe("nothing to do: all migrations are noted as released");
    write("0003_database_timeouts.sql", "SELECT 1;");
    expect(await check()).toEqual([expect.stringContaining("0003_database_timeouts.sql has changed")]);
  });

  test("is refused when a released one has changed, and changes nothing", async ({ expect }) => {
    const before = read("released.json");
    write("0000_text_rules.sql", "SELECT 1;");
    await expect(releaseMigrations(folder)).rejects.toThrow("nothing was noted:\n0000_text_rules.sql has changed");
    expect(read("released.json")).toBe(before);
  });

  test("is refused when the list is none", async ({ expect }) => {
    write("released.json", '{ "0000_text_rules": "abc" }');
    await expect(releaseMigrations(folder)).rejects.toThrow("released.json is no list");
  });
});
