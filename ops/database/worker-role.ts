import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type { Client } from "pg";

import { HANDED_OVER } from "./inspect.ts";
import { LOGIN_ROLE } from "./roles.ts";

const SQL_FILE = fileURLToPath(new URL("../sql/worker-role.sql", import.meta.url));

/** Makes the Worker's role what worker-role.sql says; run as the owner of the database. */
export async function grantWorkerRights(client: Client): Promise<void> {
  await client.query(await readFile(SQL_FILE, "utf8"));
}

/**
 * Gives the Worker's role a password, and with it the right to log in. Neon judges the strength of a password, so it has to see
 * the text itself; parameters cannot stand in a statement of this kind, hence PostgreSQL's own quoting.
 */
export async function setWorkerPassword(client: Client, password: string): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(
    "SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1::text, $2::text) AS statement",
    [LOGIN_ROLE, password],
  );
  await client.query(rows[0]?.statement ?? "");
  await client.query(`COMMENT ON ROLE ${LOGIN_ROLE} IS NULL`);
}

/** Notes that somebody keeps the password now, so that the next run does not make another one. */
export async function noteHandOver(client: Client): Promise<void> {
  await client.query(`COMMENT ON ROLE ${LOGIN_ROLE} IS '${HANDED_OVER}'`);
}

/** The owner's URL with the Worker's role and password in it. */
export function workerUrl(ownerUrl: string, password: string): string {
  const url = new URL(ownerUrl);
  url.username = LOGIN_ROLE;
  url.password = password;
  return url.href;
}
