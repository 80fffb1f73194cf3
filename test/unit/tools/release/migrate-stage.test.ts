import { test } from "vitest";

import type { Migration } from "../../../../tools/db/migration-files.ts";
import { checkMigrations } from "../../../../tools/release/stages/migrate.ts";
import { createBench } from "../../../support/release-fakes.ts";

const migration = (name: string, statement: string): Migration => ({
  name,
  hash: "",
  statements: [statement],
  isTransactional: true,
});

test.for([
  ["accepts", "a CHECK", "CREATE TABLE users (email text CONSTRAINT users_valid CHECK (true))", true],
  ["refuses", "something else", "CREATE TABLE users (email text CONSTRAINT users_valid UNIQUE)", false],
] as const)(
  "a release %s a new rule under the name of what an applied migration has made %s",
  async ([, , made, isAccepted], { expect }) => {
    const pending = [
      migration(
        "0001_replace",
        "ALTER TABLE users DROP CONSTRAINT users_valid, ADD CONSTRAINT users_valid CHECK (email <> '') NOT VALID",
      ),
    ];
    const { ports } = createBench({
      migrations: {
        pending: () => Promise.resolve(pending),
        all: () => Promise.resolve([migration("0000_create", made), ...pending]),
      },
    });
    const checked = checkMigrations(
      ports,
      { detail: () => {}, comparison: () => {}, metrics: () => {} },
      new AbortController().signal,
    );
    if (isAccepted) expect(await checked).toEqual(pending);
    else
      await expect(checked).rejects.toMatchObject({
        reasons: [expect.stringContaining("users_valid"), expect.anything()],
      });
  },
);
