import pg from "pg";

import { assertDirectConnection, describeDatabase } from "../../tools/db/database-url.ts";

const CONNECT_TIMEOUT_MS = 20_000; // A suspended Neon compute takes a few seconds to wake up.
const STATEMENT_TIMEOUT_MS = 30_000;

/** Does something over a direct connection of its own. @throws Error that names host and database, never the password */
export async function withDatabase<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  assertDirectConnection(url);
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  });
  client.on("error", () => undefined); // The statement that was running reports it.
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    const reason = error instanceof AggregateError ? error.errors.map(String).join("; ") : messageOf(error);
    throw new Error(`${describeDatabase(url)}: ${reason}`, { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
