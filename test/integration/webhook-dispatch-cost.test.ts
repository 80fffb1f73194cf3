import pg from "pg";
import { afterAll, beforeAll, test } from "vitest";

import { fanOutEvents, queueDueLanes } from "../../events/src/repositories/dispatch-sql.ts";
import type { Statement, Values } from "../../src/db/statement.ts";
import { migrate } from "../../tools/db/migrate.ts";
import { startEmbeddedPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import { addEndpoint, LIMITS } from "../support/webhooks.ts";

const EVENTS = 20_000;
const USERS = 400;
const TABLES = ["user_events", "webhook_deliveries", "webhook_lanes"];

let postgres: PostgresServer;
let sql: pg.Client;

/** Events of which nothing is dispatched, in tables of which the planner knows nothing, now and later. */
beforeAll(async () => {
  // Of our own: transactions of other test files would hold back what is dispatched, whatever database they are in.
  postgres = await startEmbeddedPostgres();
  const postgresUrl = await postgres.createDatabase();
  await migrate({ postgresUrl, log: () => {} });
  sql = new pg.Client({ connectionString: postgresUrl });
  sql.on("error", () => {}); // The query that was running reports it.
  await sql.connect();
  for (const table of TABLES) await sql.query(`alter table ${table} set (autovacuum_enabled = off)`);
  await addEndpoint(sql as unknown as pg.Pool);
  await sql.query(
    `insert into user_events (stamp, event_id, type, user_id, user_version, occurred_at)
     select 1, gen_random_uuid(), 'user.updated', md5((n % $2::integer)::text)::uuid, 1 + n / $2::integer, now() from generate_series(1, $1::integer) n`,
    [EVENTS, USERS],
  );
});

afterAll(async () => {
  await sql?.end();
  await postgres?.close();
});

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly PlanNode[];
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** How a statement reads each of the tables, and how many rows of it; it is undone. */
async function explain<Given extends Values>(statement: Statement<Given>, values: Given) {
  await sql.query("begin");
  const { rows } = await sql.query<{ "QUERY PLAN": readonly { readonly Plan: PlanNode }[] }>(
    `explain (analyze, format json) ${statement.text}`,
    statement.bind(values),
  );
  await sql.query("rollback");
  const nodes = rows.flatMap((row) => row["QUERY PLAN"].flatMap(({ Plan }) => nodesOf(Plan)));
  return TABLES.map((table) => {
    const scans = nodes.filter((node) => node["Relation Name"] === table && node["Node Type"].endsWith("Scan"));
    const counts = scans.map(
      (node) => (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"],
    );
    return {
      table,
      scans: [...new Set(scans.map((node) => node["Node Type"]))].toSorted(),
      rows: counts.reduce((sum, count) => sum + count, 0),
    };
  });
}

test("without statistics, as many events are read as become deliveries, and as many lanes as are queued", async ({
  expect,
}) => {
  const batch = 500;
  const [events] = await explain(fanOutEvents, { rows: batch });
  expect(events).toEqual({ table: "user_events", scans: ["Index Only Scan", "Index Scan"], rows: batch + 1 });

  await sql.query(fanOutEvents.text, fanOutEvents.bind({ rows: EVENTS }));
  const { rows: pending } = await sql.query(
    "select count(*)::integer, count(distinct subject_id)::integer as lanes from webhook_deliveries where state = 'pending'",
  );
  expect(pending).toEqual([{ count: EVENTS, lanes: USERS }]);

  const queued = LIMITS.perEndpoint;
  // Once to find each, once to note that there is a message.
  const lanes = { table: "webhook_lanes", scans: ["Index Scan"], rows: 2 * queued };
  const [, deliveries, ...found] = await explain(queueDueLanes, LIMITS);
  expect(deliveries).toEqual({ table: "webhook_deliveries", scans: [], rows: 0 });
  expect(found).toEqual([lanes]);

  await sql.query("update webhook_endpoints set consecutive_failures = $1", [LIMITS.failures]);
  expect((await explain(queueDueLanes, LIMITS))[2]).toEqual({ ...lanes, rows: 2 });

  await sql.query("update webhook_lanes set next_at = now() + interval '1 hour'");
  expect((await explain(queueDueLanes, LIMITS))[2]).toEqual({ ...lanes, rows: 0 });
});
