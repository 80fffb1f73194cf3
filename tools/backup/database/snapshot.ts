import type { Client } from "pg";

export interface Snapshot {
  /** By which other sessions, and pg_dump, see the same. */
  readonly id: string;
  /** By the server's clock. */
  readonly takenAt: Date;
}

/**
 * Opens a transaction that sees the database as it is now, and which others can share for as long as the work takes. Writers are not
 * held up. When the work fails, the transaction ends with the session: a query may still be running in it, which nothing can follow.
 */
export async function inExportedSnapshot<T>(client: Client, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
  const { rows } = await client.query<Snapshot>(`SELECT pg_export_snapshot() AS id, now() AS "takenAt"`);
  const [row] = rows;
  if (row === undefined) throw new Error("the server exports no snapshot");
  const result = await work(row);
  await client.query("COMMIT");
  return result;
}
