import pg from "pg";
import { afterAll, beforeAll, test } from "vitest";

import { migrate } from "../../tools/db/migrate.ts";
import { startPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import { buildUser } from "../support/users.ts";

/** After so many executions, a session of PostgreSQL keeps the plan of a statement in a function. */
const UNTIL_A_PLAN_IS_KEPT = 10;
const EVENTS = 3_000;

let postgres: PostgresServer;
let sql: pg.Client;

beforeAll(async () => {
  postgres = await startPostgres();
  const postgresUrl = await postgres.createDatabase();
  await migrate({ postgresUrl, log: () => {} });
  sql = new pg.Client({ connectionString: postgresUrl });
  sql.on("error", () => {}); // The query that was running reports it.
  await sql.connect();
});

afterAll(async () => {
  await sql?.end();
  await postgres?.close();
});

async function create(): Promise<string> {
  const { id, username, email } = buildUser();
  await sql.query(
    "insert into users (id, username, email, full_name, created_at, updated_at) values ($1, $2, $3, 'Ada', now(), now())",
    [id, username, email],
  );
  return id;
}

const writeAll = async (id: string): Promise<void> => {
  await create();
  await sql.query("update users set version = version + 1 where id = $1", [id]);
  await sql.query("delete from users where id = $1", [id]);
};

/** Rows of the events that were read from first to last while `write` ran. */
async function rowsScannedBy(write: () => Promise<void>): Promise<number> {
  await sql.query("begin");
  await write();
  const { rows } = await sql.query<{ count: string }>(
    "select seq_tup_read as count from pg_stat_xact_user_tables where relname = 'user_events'",
  );
  await sql.query("commit");
  return Number(rows[0]?.count);
}

test("A write reads as few events when there are many, also by a plan from when there were none", async ({
  expect,
}) => {
  await sql.query("vacuum analyze user_events");
  await sql.query("alter table users disable trigger user");
  const ids: string[] = [];
  for (let count = 0; count <= UNTIL_A_PLAN_IS_KEPT; count += 1) ids.push(await create());
  await sql.query("alter table users enable trigger user");
  for (const id of ids.slice(1)) {
    await sql.query("begin");
    await writeAll(id);
    // The table stays empty, for all that the plans know.
    await sql.query("rollback");
  }
  await sql.query(
    `insert into user_events (stamp, event_id, type, user_id, user_version, occurred_at)
     select 1, gen_random_uuid(), 'user.created', gen_random_uuid(), 1, now() from generate_series(1, $1::integer)`,
    [EVENTS],
  );
  expect(await rowsScannedBy(() => writeAll(ids[0] ?? ""))).toBe(0);
});
