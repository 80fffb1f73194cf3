import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";

import type { Client } from "pg";
import { beforeAll, describe, test } from "vitest";

import { EXPECTED_MIGRATION } from "../../src/db/migration-level.ts";
import { parseManifest } from "../../tools/backup/files/manifest.ts";
import {
  createTestDatabase,
  filesIn,
  makeFolder,
  programsFolder,
  runBackupCommand,
  startBackupCommand,
  withClient,
} from "../support/backup-commands.ts";
import { fillDatabase, USER_COUNT } from "../support/backup-data.ts";

let url: string;

beforeAll(async () => {
  url = await createTestDatabase({ isMigrated: true });
  await withClient(url, fillDatabase);
});

const backup = (folder: string, ...args: string[]) =>
  runBackupCommand("backup", ["--out", folder, "--name", "test", ...args], { DATABASE_URL: url });
const drill = (folder: string, ...args: string[]) =>
  runBackupCommand("drill", ["--file", folder, "--name", "test", ...args]);

const manifestIn = (folder: string) => {
  const file = path.join(folder, filesIn(folder).find((name) => name.endsWith(".json")) ?? "");
  return parseManifest(readFileSync(file, "utf8"), file);
};

describe("a backup", () => {
  test("is restored equal: thousands of users of all scripts, extreme times, idempotency keys", async ({
    expect,
    onTestFinished,
  }) => {
    const folder = makeFolder(onTestFinished);
    const taken = await backup(folder);
    expect(taken.output).toContain(`public.users ${USER_COUNT + 5}`);
    expect(taken.exitCode).toBe(0);

    const report = path.join(folder, "report.json");
    const restored = await drill(folder, "--service", "--report", report);
    expect(restored.output).toMatch(/^public\.users +5005 rows [0-9a-f]{12} +5005 rows [0-9a-f]{12} +equal$/m);
    expect(restored.output).toMatch(/^service lists +20 users +20 users +equal$/m);
    // Of another cluster, whose transactions have lower ids: they are served once their stamps are restarted.
    expect(restored.output).toMatch(/^service follows +(\d{4,}) events +\1 events +equal$/m);
    expect(restored.output.trim().split("\n").at(-1)).toContain("is equal to what was dumped");
    expect(restored.exitCode).toBe(0);
    expect(JSON.parse(readFileSync(report, "utf8"))).toMatchObject({
      isEqual: true,
      migrationLevel: EXPECTED_MIGRATION,
    });
  });

  test("has three files that only its owner can read, and sums that sha256sum checks", async ({
    expect,
    onTestFinished,
  }) => {
    const folder = makeFolder(onTestFinished);
    await backup(folder);
    const stem = expect.stringMatching(/^test-\d{8}T\d{6}Z\.dump/);
    expect(filesIn(folder)).toEqual([stem, stem, stem]);
    for (const file of filesIn(folder)) expect(statSync(path.join(folder, file)).mode & 0o777).toBe(0o600);
    const sums = filesIn(folder).find((file) => file.endsWith(".sha256")) ?? "";
    expect(execFileSync("sha256sum", ["--check", "--strict", sums], { cwd: folder, encoding: "utf8" })).toMatch(
      /\.dump: OK\n.*\.dump\.json: OK\n/,
    );
    expect(manifestIn(folder)).toMatchObject({
      source: `${new URL(url).host}${new URL(url).pathname}`,
      migrationLevel: EXPECTED_MIGRATION,
      dump: { bytes: statSync(path.join(folder, filesIn(folder)[0] ?? "")).size },
    });
  });

  test("tells functions by what they do, also those whose body is no text, and types by what they consist of", async ({
    expect,
    onTestFinished,
  }) => {
    const folder = makeFolder(onTestFinished);
    await backup(folder);
    const before = manifestIn(folder).content.structure.objects;
    expect(new Set(before.map((object) => object.slice(-12))).size).toBe(before.length);
    const other = makeFolder(onTestFinished);
    const changed = await createTestDatabase({ isMigrated: true });
    await withClient(changed, (client) =>
      client.query(
        `CREATE OR REPLACE FUNCTION is_email(address text) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN true;
         ALTER TYPE user_snapshot ADD ATTRIBUTE phone text`,
      ),
    );
    await runBackupCommand("backup", ["--out", other, "--name", "test"], { DATABASE_URL: changed });
    const after = manifestIn(other).content.structure.objects;
    expect(after.filter((object) => !before.includes(object))).toEqual([
      expect.stringMatching(/^function public\.is_email\(text\) [0-9a-f]{12}$/),
      expect.stringMatching(/^type public\.user_snapshot id uuid, .*, phone text$/),
    ]);
  });

  test("needs a role that may read, no more", async ({ expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    const role = `reader_${process.pid}_${Date.now()}`;
    await withClient(url, (client) =>
      client.query(
        `CREATE ROLE ${role} LOGIN PASSWORD 'p w/@'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role};
         GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO ${role}`,
      ),
    );
    const reader = new URL(url);
    reader.username = role;
    reader.password = encodeURIComponent("p w/@");
    const { exitCode } = await runBackupCommand("backup", ["--out", folder, "--name", "test"], {
      DATABASE_URL: reader.href,
    });
    expect(exitCode).toBe(0);
    expect((await drill(folder)).exitCode).toBe(0);

    await withClient(url, (client) => client.query(`REVOKE SELECT ON idempotency_keys FROM ${role}`));
    const refused = await runBackupCommand("backup", ["--out", folder], { DATABASE_URL: reader.href });
    expect(refused.output).toContain("permission denied for table idempotency_keys");
    expect(refused.exitCode).toBe(1);
    expect(filesIn(folder)).toHaveLength(3);
  });

  test("describes its own moment while others write, and nobody waits for it", async ({ expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    const stop = new AbortController();
    const before = await withClient(url, countRows);
    const writers = [1, 2, 3].map((writer) => withClient(url, (client) => keepWriting(client, writer, stop.signal)));
    const { exitCode } = await backup(folder);
    stop.abort();
    await Promise.all(writers);
    expect(exitCode).toBe(0);

    const rowsOf = (name: string) => manifestIn(folder).content.tables.find(({ table }) => table === name)?.rows ?? 0;
    const added = rowsOf("public.users") - before.users;
    // Each transaction adds one of both: a moment between them is none.
    expect(rowsOf("public.idempotency_keys") - before.keys).toBe(added);
    expect((await withClient(url, countRows)).users - before.users).toBeGreaterThan(added);
    expect((await drill(folder)).output).toContain("is equal to what was dumped");
  });

  test("goes through the password's environment, never through a command line", async ({ expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    const { password } = new URL(url);
    await withClient(url, async (client) => {
      await client.query("BEGIN; LOCK TABLE users");
      const { exited, output } = startBackupCommand("backup", ["--out", folder], { DATABASE_URL: url });
      /** Of this backup: other tests run beside it, and say what they like. */
      const commandLines = () =>
        execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" })
          .split("\n")
          .filter((line) => line.includes(folder))
          .join("\n");
      await expect.poll(commandLines, { timeout: 30_000 }).toContain(`${folder}/.partial-`);
      await expect.poll(() => /pg_dump --format=custom/.test(commandLines()), { timeout: 30_000 }).toBe(true);
      expect(commandLines()).not.toContain(password);
      await client.query("COMMIT");
      expect(await exited).toBe(0);
      expect(output()).not.toContain(password);
    });
  });

  test("keeps as many as it is told, and leaves other files alone", async ({ expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    for (const day of ["01", "02", "03"]) {
      await runBackupCommand("backup", ["--file", path.join(folder, `test-202001${day}T000000Z.dump`)], {
        DATABASE_URL: url,
      });
    }
    await runBackupCommand("backup", ["--file", path.join(folder, "other-20200101T000000Z.dump")], {
      DATABASE_URL: url,
    });
    const { exitCode, output } = await backup(folder, "--keep", "2");
    expect(exitCode).toBe(0);
    expect(output).toContain("Removed ");
    expect(filesIn(folder).filter((file) => file.endsWith(".dump"))).toEqual([
      "other-20200101T000000Z.dump",
      "test-20200103T000000Z.dump",
      expect.stringMatching(/^test-(?!2020)/),
    ]);
    expect(filesIn(folder)).toHaveLength(9);
  });

  test("can be read by pg_restore alone, as in an emergency", async ({ expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    await backup(folder);
    const dump = path.join(folder, filesIn(folder)[0] ?? "");
    const list = execFileSync(path.join(programsFolder(), "pg_restore"), ["--list", dump], { encoding: "utf8" });
    expect(list).toContain("TABLE DATA public users");
    expect(list).toContain("CONSTRAINT public users users_email_key");
  });
});

async function countRows(client: Client): Promise<{ users: number; keys: number }> {
  const { rows } = await client.query<{ users: number; keys: number }>(
    "SELECT (SELECT count(*) FROM users)::integer AS users, (SELECT count(*) FROM idempotency_keys)::integer AS keys",
  );
  return rows[0] ?? { users: 0, keys: 0 };
}

/** Adds a user and a key in one transaction each, and changes and deletes some, until it is told to stop. */
async function keepWriting(client: Client, writer: number, signal: AbortSignal): Promise<void> {
  for (let place = 0; !signal.aborted; place += 1) {
    const name = `writer${writer}x${place}`;
    await client.query("BEGIN");
    await client.query(
      "INSERT INTO users (id, username, email, full_name, created_at, updated_at) VALUES (gen_random_uuid(), $1::text, $1::text || '@example.com', 'Ada', now(), now())",
      [name],
    );
    await client.query(
      "INSERT INTO idempotency_keys (caller, key, request_hash, status, response, created_at, expires_at) VALUES ('writer', $1, '', 201, '', now(), now())",
      [name],
    );
    await client.query("UPDATE users SET full_name = $1, version = version + 1 WHERE username = $2", [
      `Ada${"x".repeat(place % 50)}`,
      `user${(place % 1_000) + 1}`,
    ]);
    await client.query("COMMIT");
  }
}
