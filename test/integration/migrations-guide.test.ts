import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, test } from "vitest";

import { migrate } from "../../tools/db/migrate.ts";
import { findReleasedFaults } from "../../tools/db/migration-faults.ts";
import { MIGRATIONS_FOLDER, readMigrations } from "../../tools/db/migration-files.ts";
import { seed } from "../../tools/db/seed.ts";
import { startPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import { lintMigrations } from "../../tools/release/adapters/project-checks.ts";
import { findDangers } from "../../tools/release/migrations/expand-only.ts";
import { writeMigrations } from "../support/migration-folder.ts";

const GUIDE = readFileSync("docs/migrations.md", "utf8");

interface Example {
  readonly title: string;
  /** SQL and who applies it, in the order of the page. */
  readonly steps: readonly { readonly who: string; readonly sql: string }[];
}

/** The sections of the page that hold SQL. */
const EXAMPLES: readonly Example[] = GUIDE.split(/^### /m)
  .map((section) => ({
    title: section.split("\n", 1)[0] ?? "",
    steps: [...section.matchAll(/^( *)```sql (release|by hand)\n([^]*?)^\1```$/gm)].map(
      ([, indent = "", who = "", sql = ""]) => ({ who, sql: sql.replaceAll(new RegExp(`^${indent}`, "gm"), "") }),
    ),
  }))
  .filter(({ steps }) => steps.length > 0);

let postgres: PostgresServer;
let folder: string;

beforeAll(async () => {
  [postgres, folder] = [await startPostgres(), mkdtempSync(join(tmpdir(), "guide-"))];
});

afterAll(async () => {
  await postgres?.close();
  rmSync(folder, { recursive: true });
});

describe("The guide to migrations", () => {
  test("has examples for each kind of change", ({ expect }) => {
    expect(EXAMPLES.length).toBeGreaterThanOrEqual(6);
    expect(EXAMPLES.flatMap(({ steps }) => steps.map(({ who }) => who))).toHaveLength(
      GUIDE.match(/```sql/g)?.length ?? 0,
    );
  });

  test.for(EXAMPLES)("is right: $title", async ({ title, steps }, { expect }) => {
    const own = join(folder, title.replaceAll(/\W+/g, "-"));
    const files = Object.fromEntries(steps.map(({ sql }, index) => [`000${index}_step`, sql]));
    writeMigrations(own, files);
    const [migrations, earlier] = [await readMigrations(own), await readMigrations(MIGRATIONS_FOLDER)];

    for (const [index, migration] of migrations.entries()) {
      const dangers = await findDangers([migration], [...earlier, ...migrations.slice(0, index)]);
      expect({ step: index, isRefused: dangers.length > 0 }).toEqual({
        step: index,
        isRefused: steps[index]?.who === "by hand",
      });
    }
    const linted = migrations.map(({ name }) => join(own, `${name}.sql`));
    expect(await lintMigrations(linted, new AbortController().signal)).toEqual([]);

    const postgresUrl = await postgres.createDatabase();
    await migrate({ postgresUrl, log: () => {} });
    await seed({ postgresUrl, log: () => {} });
    expect((await migrate({ postgresUrl, folder: own, log: () => {} })).applied).toEqual(Object.keys(files));
  });

  test("quotes what the check says of an edited file", ({ expect }) => {
    const released = [{ name: "0001_create_users", sha256: "then" }];
    const [fault] = findReleasedFaults(released, {
      journal: ["0001_create_users"],
      files: new Map([["0001_create_users", "now"]]),
    });
    expect(GUIDE).toContain(fault);
  });
});
