import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { beforeAll, describe, test } from "vitest";

import { startEmbeddedServer } from "../../tools/postgres/embedded/server.ts";
import { createTestDatabase, filesIn, makeFolder, runBackupCommand, withClient } from "../support/backup-commands.ts";

let url: string;

beforeAll(async () => {
  url = await createTestDatabase({ isMigrated: true });
});

/** Programs that tell the version and can do nothing else. */
function makePrograms(folder: string, version: string): string {
  const programs = path.join(folder, "programs");
  mkdirSync(programs);
  for (const name of ["pg_dump", "pg_restore", "postgres", "initdb"])
    writeFileSync(path.join(programs, name), `#!/bin/sh\necho "${name} (PostgreSQL) ${version}"\n`, { mode: 0o755 });
  return programs;
}

describe("a backup that cannot be made", () => {
  const cases: readonly [string, (url: URL) => void, RegExp][] = [
    [
      "a wrong password",
      (to) => (to.password = "wrong"),
      /^error: password authentication failed for user "postgres"$/m,
    ],
    ["a database that is not there", (to) => (to.pathname = "/nowhere"), /^error: database "nowhere" does not exist$/m],
    ["a server that is not there", (to) => (to.port = "1"), /^error: connect ECONNREFUSED 127\.0\.0\.1:1$/m],
  ];
  test.for(cases)("%s", async ([, change, message], { expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    const to = new URL(url);
    change(to);
    const { exitCode, output } = await runBackupCommand("backup", ["--out", folder], { DATABASE_URL: to.href });
    expect(output).toMatch(message);
    expect(output).not.toContain(new URL(url).password);
    expect(exitCode).toBe(1);
    expect(filesIn(folder)).toEqual([]);
  });

  test("there is no pg_dump", async ({ expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    const empty = path.join(folder, "empty");
    mkdirSync(empty);
    const args = ["--out", path.join(folder, "out"), "--programs", empty];
    const { exitCode, output } = await runBackupCommand("backup", args, { DATABASE_URL: url });
    expect(output).toMatch(
      /is PostgreSQL \d+, and there is no pg_dump and pg_restore on this machine\. Install version \d+ or newer \(npm run db:programs/,
    );
    expect(exitCode).toBe(1);
    expect(filesIn(path.join(folder, "out"))).toEqual([]);
  });

  test("pg_dump is older than the server", async ({ expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    const server = await startEmbeddedServer();
    onTestFinished(() => server.close());
    const args = ["--out", path.join(folder, "out"), "--programs", makePrograms(folder, "15.18")];
    const { exitCode, output } = await runBackupCommand("backup", args, { DATABASE_URL: server.url });
    expect(output).toMatch(/is PostgreSQL 18, and pg_dump here is 15\.18 in .*programs\. Install version 18 or newer/);
    expect(exitCode).toBe(1);
  });

  test("pg_dump fails half-way, and its own words say why", async ({ expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    const programs = makePrograms(folder, "99.0");
    const failing = `case "$1" in --version) echo "pg_dump (PostgreSQL) 99.0";; *) echo half > "\${4#--file=}"; for a; do case $a in --file=*) echo half > "\${a#--file=}";; esac; done; echo "pg_dump: error: disk full" >&2; exit 1;; esac`;
    writeFileSync(path.join(programs, "pg_dump"), `#!/bin/sh\n${failing}\n`, { mode: 0o755 });
    const args = ["--out", path.join(folder, "out"), "--programs", programs];
    const { exitCode, output } = await runBackupCommand("backup", args, { DATABASE_URL: url });
    expect(output).toContain("error: pg_dump failed (exit code 1): pg_dump: error: disk full");
    expect(exitCode).toBe(1);
    expect(filesIn(path.join(folder, "out"))).toEqual([]);
  });

  test("the file is there already", async ({ expect, onTestFinished }) => {
    const file = path.join(makeFolder(onTestFinished), "b.dump");
    writeFileSync(`${file}.json`, "precious");
    const { exitCode, output } = await runBackupCommand("backup", ["--file", file], { DATABASE_URL: url });
    expect(output).toContain(`${file}.json exists already; backups are not overwritten`);
    expect(exitCode).toBe(2);
  });

  test("no database is named", async ({ expect, onTestFinished }) => {
    const { exitCode, output } = await runBackupCommand("backup", ["--out", makeFolder(onTestFinished)]);
    expect(output).toContain("error: no database");
    expect(output).toContain("See npm run db:backup -- --help");
    expect(exitCode).toBe(2);
  });
});

describe("a drill that cannot be done", () => {
  test("there is no backup", async ({ expect, onTestFinished }) => {
    const { exitCode, output } = await runBackupCommand("drill", ["--file", makeFolder(onTestFinished)]);
    expect(output).toContain("there is no backup named users-api-….dump in");
    expect(exitCode).toBe(2);
  });

  test("pg_restore is older than what wrote the dump", async ({ expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    await runBackupCommand("backup", ["--out", path.join(folder, "out")], { DATABASE_URL: url });
    const args = ["--file", path.join(folder, "out"), "--programs", makePrograms(folder, "9.6.24")];
    const { exitCode, output } = await runBackupCommand("drill", args);
    expect(output).toMatch(/what wrote the dump is PostgreSQL \d+, and pg_dump here is 9\.6\.24/);
    expect(exitCode).toBe(1);
  });
});

describe("a scratch database that is given", () => {
  test("is used when it is empty, and empty again afterwards", async ({ expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    const source = await createTestDatabase({ isMigrated: true });
    await withClient(source, (client) =>
      client.query(`CREATE SCHEMA "odd name"; CREATE TYPE mood AS ENUM ('good'); CREATE TABLE "odd name"."a ""b" (id serial, m mood);
        INSERT INTO "odd name"."a ""b" (m) VALUES ('good'), ('good'), (NULL); CREATE VIEW moods AS SELECT m FROM "odd name"."a ""b"`),
    );
    await runBackupCommand("backup", ["--out", folder], { DATABASE_URL: source });
    const scratch = await createTestDatabase();
    for (const round of [1, 2]) {
      const { exitCode, output } = await runBackupCommand("drill", ["--file", folder, "--scratch-url", scratch]);
      expect(output, `round ${round}`).toContain("is equal to what was dumped");
      expect(output).toMatch(/^odd name\.a "b +3 rows /m);
      expect(exitCode).toBe(0);
    }
  });

  test("is refused when it is not empty", async ({ expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    await runBackupCommand("backup", ["--out", folder], { DATABASE_URL: url });
    const scratch = await createTestDatabase();
    await withClient(scratch, (client) => client.query("CREATE TABLE precious AS SELECT 1 AS one"));
    const { exitCode, output } = await runBackupCommand("drill", ["--file", folder, "--scratch-url", scratch]);
    expect(output).toContain("is not empty (table public.precious); a drill needs an empty database");
    expect(exitCode).toBe(2);
    expect(await withClient(scratch, async (client) => (await client.query("SELECT one FROM precious")).rows)).toEqual([
      { one: 1 },
    ]);
  });

  test("is refused when it is the database of the backup, or the service's own", async ({ expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    const source = await createTestDatabase();
    await runBackupCommand("backup", ["--out", folder], { DATABASE_URL: source });
    const own = await createTestDatabase();
    for (const [scratch, environment] of [
      [source, {}],
      [own, { DATABASE_URL: own }],
    ] as const) {
      const { exitCode, output } = await runBackupCommand(
        "drill",
        ["--file", folder, "--scratch-url", scratch],
        environment,
      );
      expect(output).toContain("is the database of the backup; a drill needs another one");
      expect(exitCode).toBe(2);
    }
  });
});
