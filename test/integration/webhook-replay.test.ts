import pg from "pg";
import { afterAll, beforeAll, beforeEach, test } from "vitest";

import { migrate } from "../../tools/db/migrate.ts";
import { replayDeliveries } from "../../tools/events/replay/replay.ts";
import { startEmbeddedPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import {
  addEndpoint,
  addUser,
  changeUser,
  LIMITS,
  openDeliveries,
  readDeliveries,
  takeOne,
} from "../support/webhooks.ts";

let postgres: PostgresServer;
let postgresUrl: string;
let pool: pg.Pool;

beforeAll(async () => {
  // Of our own: transactions of other test files would hold back what is dispatched, whatever database they are in.
  postgres = await startEmbeddedPostgres();
  postgresUrl = await postgres.createDatabase();
  await migrate({ postgresUrl, log: () => {} });
  pool = new pg.Pool({ connectionString: postgresUrl });
  pool.on("error", () => {}); // Its last connections may end with the server.
});

beforeEach(async () => void (await pool.query("truncate webhook_endpoints, users cascade")));

afterAll(async () => {
  await pool?.end();
  await postgres?.close();
});

/** An endpoint with three events: delivered, dead and pending. */
async function given(eventTypes: readonly string[] = []): Promise<string> {
  const endpoint = await addEndpoint(pool, { eventTypes });
  await changeUser(pool, await addUser(pool), 2);
  await openDeliveries(pool).fanOut(1_000);
  await pool.query(
    `update webhook_deliveries set state = case n when 1 then 'delivered' when 2 then 'dead' else state end,
       due_at = case when n < 3 then null else now() + interval '1 hour' end, delivered_at = case n when 1 then now() end, attempts = 7
     from (select event_id as id, row_number() over (order by stamp, position) as n from webhook_deliveries where endpoint_id = $1) as numbered
     where event_id = id and endpoint_id = $1`,
    [endpoint],
  );
  return endpoint;
}

const statesOf = async (endpoint: string) => (await readDeliveries(pool, endpoint)).map(({ state }) => state);
const AN_HOUR_AGO = () => new Date(Date.now() - 3_600_000);

test("what was given up is sent again, and nothing else", async ({ expect }) => {
  const other = await given();
  const endpointId = await given();
  const replayed = await replayDeliveries({ postgresUrl, endpointId, isDeadOnly: true, since: AN_HOUR_AGO() });
  expect(replayed).toEqual({ deliveries: 1, isEnabled: true });
  expect(await statesOf(endpointId)).toEqual(["delivered", "pending", "pending"]);
  expect((await statesOf(other)).filter((state) => state === "dead")).toHaveLength(1);
  expect((await readDeliveries(pool, endpointId))[1]).toMatchObject({ attempts: 0 });
  const future = new Date(Date.now() + 60_000);
  expect(await replayDeliveries({ postgresUrl, endpointId: other, isDeadOnly: true, since: future })).toMatchObject({
    deliveries: 0,
  });
});

test("all since a time is sent again in its order, also what the endpoint never got", async ({ expect }) => {
  const endpointId = await given();
  await pool.query("delete from webhook_deliveries where endpoint_id = $1 and state = 'delivered'", [endpointId]);
  const replayed = await replayDeliveries({ postgresUrl, endpointId, isDeadOnly: false, since: AN_HOUR_AGO() });
  expect(replayed.deliveries).toBeGreaterThanOrEqual(3);
  expect(new Set(await statesOf(endpointId))).toEqual(new Set(["pending"]));
  const { rows } = await pool.query(
    "select bool_and(due_at <= now()) as due from webhook_deliveries where endpoint_id = $1",
    [endpointId],
  );
  expect(rows).toEqual([{ due: true }]);
});

test.for([
  ["what was given up, though nothing was pending", "dead", true],
  ["what waits for its next attempt", "pending", false],
] as const)("a lane is due for the sake of %s", async ([, state, isDeadOnly], { expect }) => {
  const endpointId = await addEndpoint(pool);
  await addUser(pool);
  const deliveries = openDeliveries(pool);
  const work = await takeOne(deliveries);
  const delayMs = state === "dead" ? null : 3_600_000;
  const blame = { isEndpointsFault: true, isGone: false, disableAfterMs: 86_400_000, leaseMs: 1_000 };
  await deliveries.fail(work, { status: 503, error: "http-status" }, { delayMs, ...blame });
  await deliveries.take(work, 1_000);
  expect(await deliveries.queueDue(LIMITS)).toEqual([]);
  await replayDeliveries({ postgresUrl, endpointId, isDeadOnly, since: AN_HOUR_AGO() });
  const lane = { endpointId, subjectId: work.subjectId };
  expect(await deliveries.queueDue(LIMITS)).toContainEqual(lane);
  expect(await deliveries.take(lane, 1_000)).toMatchObject({ eventId: work.eventId, attempts: 0 });
});

test("only what the endpoint wants", async ({ expect }) => {
  const endpointId = await given(["user.deleted"]);
  await replayDeliveries({ postgresUrl, endpointId, isDeadOnly: false, since: AN_HOUR_AGO() });
  expect((await readDeliveries(pool, endpointId)).filter(({ type }) => type !== "user.deleted")).toEqual([]);
});

test("an endpoint that is not there is told", async ({ expect }) => {
  const endpointId = "01932f2e-a1c4-7b02-9d55-6f0c1e8a7b33";
  const options = { postgresUrl, endpointId, isDeadOnly: true, since: null };
  await expect(replayDeliveries(options)).rejects.toThrow("no such endpoint");
});
