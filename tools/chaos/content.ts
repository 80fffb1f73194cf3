import { setTimeout as sleep } from "node:timers/promises";

import pg from "pg";

import type { Content, UserRow } from "./history.ts";

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;
/** Statements whose clients have gone are over in less. */
const QUIET_TIMEOUT_MS = 15_000;

/** Reads what the database holds, past the API, when no statement runs any more. */
export async function readContent(databaseUrl: string): Promise<Content> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS,
  });
  client.on("error", () => undefined); // The statement that was running reports it.
  await client.connect();
  try {
    await waitUntilQuiet(client);
    const users = await client.query<UserRow>(
      `select id, username, email, full_name as "fullName", version from users order by id`,
    );
    const keys = await client.query<{ key: string; userId: string }>(
      `select key, response::jsonb ->> 'id' as "userId" from idempotency_keys order by key`,
    );
    return { users: users.rows, keys: keys.rows };
  } finally {
    await Promise.race([client.end(), sleep(CONNECT_TIMEOUT_MS, undefined, { ref: false })]);
  }
}

async function waitUntilQuiet(client: pg.Client): Promise<void> {
  const deadline = performance.now() + QUIET_TIMEOUT_MS;
  const sql = `select count(*)::integer as running from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`;
  while (((await client.query<{ running: number }>(sql)).rows[0]?.running ?? 0) > 0) {
    if (performance.now() > deadline)
      throw new Error("statements still run in the database after the clients have ended");
    await sleep(50);
  }
}
