import pg from "pg";
import { uuidv7 } from "uuidv7";

import { runDatabaseCommand } from "./cli.ts";
import { assertDirectConnection, describeDatabase } from "./database-url.ts";

const USERS = [
  { username: "jdoe", fullName: "John Doe" },
  { username: "asmith", fullName: "Alice Smith" },
  { username: "bjones", fullName: "Bob Jones" },
];

export interface SeedOptions {
  readonly postgresUrl: string;
  readonly log: (line: string) => void;
}

/** Inserts the development users that are missing and touches no existing row; throws when the schema is not there yet. */
export async function seed({ postgresUrl, log }: SeedOptions): Promise<{ inserted: number }> {
  assertDirectConnection(postgresUrl);
  const client = new pg.Client({ connectionString: postgresUrl });
  client.on("error", () => undefined); // The statement that was running reports it.
  await client.connect();
  try {
    const result = await client.query(
      `INSERT INTO users (id, username, email, full_name, created_at, updated_at)
       SELECT id, username, email, full_name, now(), now()
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS seed (id, username, email, full_name)
       ON CONFLICT DO NOTHING`,
      [
        USERS.map(() => uuidv7()),
        USERS.map(({ username }) => username),
        USERS.map(({ username }) => `${username}@example.com`),
        USERS.map(({ fullName }) => fullName),
      ],
    );
    const inserted = result.rowCount ?? 0;
    log(
      inserted === 0
        ? "nothing to do: all users are there"
        : `inserted ${inserted} users into ${describeDatabase(postgresUrl)}`,
    );
    return { inserted };
  } finally {
    await client.end();
  }
}

const USAGE = `Inserts the development users jdoe, asmith and bjones where they are missing.

Usage: npm run db:seed -- [--url URL]

  --url URL   the database; MIGRATION_DATABASE_URL, then DATABASE_URL, when absent
  --help      this text

Exit codes: 0 done or nothing to do, 1 failed, 2 called wrongly.`;

if (import.meta.main) {
  await runDatabaseCommand({ usage: USAGE, run: async (postgresUrl) => await seed({ postgresUrl, log: console.log }) });
}
