import pg from "pg";

import { DEFAULT_USER_SORT, NO_FILTER } from "../../../src/models/user-list.ts";
import { captureStatement } from "../../db/explain.ts";
import type { TableDigest } from "../database/table-digests.ts";
import type { Comparison } from "./compare.ts";

const LIMIT = 20;

/**
 * Runs the query with which the service lists users, newest first, as it would run it: what the schema and its functions look
 * like is one thing, that this code can read it another.
 */
export async function askAsService(url: string, tables: readonly TableDigest[]): Promise<Comparison> {
  const users = tables.find(({ table }) => table === "public.users")?.rows ?? 0;
  const dumped = `${Math.min(users, LIMIT)} users`;
  const compared = { what: "service lists", dumped };
  try {
    const count = await countListed(url);
    const isRight = count === Math.min(users, LIMIT);
    const problems = isRight ? [] : [`the service lists ${count} users, not ${Math.min(users, LIMIT)}`];
    return { ...compared, restored: `${count} users`, problems };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...compared, restored: "-", problems: [`the service's query fails: ${reason}`] };
  }
}

async function countListed(url: string): Promise<number> {
  const { query, params } = await captureStatement({
    sort: DEFAULT_USER_SORT,
    limit: LIMIT,
    after: null,
    filter: NO_FILTER,
  });
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined); // The statement that was running reports it.
  await client.connect();
  try {
    // The repository asks for one more, to know whether there is a next page.
    return Math.min((await client.query(query, params)).rows.length, LIMIT);
  } finally {
    await client.end();
  }
}
