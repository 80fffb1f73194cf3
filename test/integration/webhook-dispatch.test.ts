import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "vitest";

import type { DeliveryRepository, Lane } from "../../events/src/models/delivery.ts";
import { migrate } from "../../tools/db/migrate.ts";
import { startEmbeddedPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import type { WithoutContext } from "../support/call-context.ts";
import { beginTransaction } from "../support/user-events.ts";
import {
  addEndpoint,
  addUser,
  changeUser,
  lapse,
  LEASE_MS,
  LIMITS,
  openDeliveries,
  queueOne,
  readDeliveries,
  readLanes,
  removeUser,
  takeOne,
} from "../support/webhooks.ts";

let postgres: PostgresServer;
let pool: pg.Pool;
let deliveries: WithoutContext<DeliveryRepository>;

beforeAll(async () => {
  // Of our own: transactions of other test files would hold back what is dispatched, whatever database they are in.
  postgres = await startEmbeddedPostgres();
});

beforeEach(async () => {
  const postgresUrl = await postgres.createDatabase();
  await migrate({ postgresUrl, log: () => {} });
  pool = new pg.Pool({ connectionString: postgresUrl, max: 16 });
  pool.on("error", () => {}); // Its last connections may end with the server.
  deliveries = openDeliveries(pool);
});

afterEach(async () => await pool.end());

afterAll(async () => await postgres?.close());

describe("events become deliveries", () => {
  test("of each enabled endpoint that wants them, once", async ({ expect }) => {
    const [all, some, none] = [
      await addEndpoint(pool),
      await addEndpoint(pool, { eventTypes: ["user.updated", "user.deleted"] }),
      await addEndpoint(pool, { status: "disabled" }),
    ];
    const user = await addUser(pool);
    await changeUser(pool, user);
    await removeUser(pool, user);
    expect(await deliveries.fanOut(100)).toEqual({ events: 3, deliveries: 5, isBehind: false, hasMissed: false });
    expect(await deliveries.fanOut(100)).toMatchObject({ events: 0, deliveries: 0 });
    const typesOf = async (id: string) => (await readDeliveries(pool, id)).map(({ type }) => type);
    expect(await typesOf(all)).toEqual(["user.created", "user.updated", "user.deleted"]);
    expect(await typesOf(some)).toEqual(["user.updated", "user.deleted"]);
    expect(await typesOf(none)).toEqual([]);
  });

  test("so many at once, going on where the last run ended", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    await changeUser(pool, await addUser(pool), 6);
    const found = [await deliveries.fanOut(3), await deliveries.fanOut(3), await deliveries.fanOut(3)];
    expect(found.map(({ events }) => events)).toEqual([3, 3, 1]);
    expect(await readDeliveries(pool, endpoint)).toHaveLength(7);
  });

  test("never past a transaction that may still write before them", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    const slow = new pg.Client({ connectionString: pool.options.connectionString });
    await slow.connect();
    await beginTransaction(slow);
    const first = await addUser(slow);
    const second = await addUser(pool);
    expect(await deliveries.fanOut(100)).toMatchObject({ events: 0, isBehind: true });
    await slow.query("commit");
    await slow.end();
    expect(await deliveries.fanOut(100)).toMatchObject({ events: 2, isBehind: false });
    const { rows } = await pool.query(
      "select subject_id from webhook_deliveries where endpoint_id = $1 order by stamp, position",
      [endpoint],
    );
    expect(rows).toEqual([{ subject_id: first }, { subject_id: second }]);
  });

  test("once, whoever dispatches at the same time", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    const user = await addUser(pool);
    await changeUser(pool, user, 49);
    const found = await Promise.all(Array.from({ length: 8 }, () => deliveries.fanOut(20)));
    expect(found.reduce((sum, { events }) => sum + events, 0)).toBe(50);
    expect(await readDeliveries(pool, endpoint)).toHaveLength(50);
  });

  test("not of an endpoint that was made long after them", async ({ expect }) => {
    await addUser(pool);
    const endpoint = await addEndpoint(pool);
    await pool.query("update webhook_endpoints set created_at = now() + interval '2 minutes'");
    expect(await deliveries.fanOut(100)).toMatchObject({ events: 1, deliveries: 0 });
    expect(await readDeliveries(pool, endpoint)).toEqual([]);
  });

  test("unless they were swept before, which is told once", async ({ expect }) => {
    await addUser(pool);
    await deliveries.fanOut(100);
    await pool.query(
      "update user_event_feed set swept_stamp = 1 + (select stamp from webhook_dispatch), swept_position = 7",
    );
    expect(await deliveries.fanOut(100)).toMatchObject({ hasMissed: true });
    expect(await deliveries.fanOut(100)).toMatchObject({ hasMissed: false });
  });
});

describe("what is due", () => {
  test("is a lane, once for all that is pending in it", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    const users = [await addUser(pool), await addUser(pool)];
    for (const user of users) await changeUser(pool, user, 3);
    await deliveries.fanOut(100);
    const lanes = await deliveries.queueDue(LIMITS);
    expect(lanes.map(({ subjectId }) => subjectId).toSorted()).toEqual(users.toSorted());
    expect(await deliveries.queueDue(LIMITS)).toEqual([]);
    expect(await readDeliveries(pool, endpoint)).toHaveLength(8);
  });

  test("is no lane that a message is about, or somebody is at, whatever is added to it", async ({ expect }) => {
    await addEndpoint(pool);
    const user = await addUser(pool);
    const lane = await queueOne(deliveries);
    await changeUser(pool, user);
    expect(await deliveries.fanOut(100)).toMatchObject({ deliveries: 1 });
    expect(await deliveries.queueDue(LIMITS)).toEqual([]);
    await deliveries.take(lane, LEASE_MS);
    await changeUser(pool, user);
    expect(await deliveries.fanOut(100)).toMatchObject({ deliveries: 1 });
    expect(await deliveries.queueDue(LIMITS)).toEqual([]);
  });

  test("is a lane to which something is added after it was empty, at once", async ({ expect }) => {
    await addEndpoint(pool);
    const user = await addUser(pool);
    await deliveries.succeed(await takeOne(deliveries), 200, { isWanted: true, leaseMs: LEASE_MS });
    expect(await readLanes(pool)).toEqual([{ subjectId: user, isEmpty: true, isDue: false }]);
    await changeUser(pool, user);
    expect((await queueOne(deliveries)).subjectId).toBe(user);
  });

  test("is queued once, whoever looks at the same time", async ({ expect }) => {
    await addEndpoint(pool);
    await addEndpoint(pool);
    for (let n = 0; n < 40; n++) await changeUser(pool, await addUser(pool));
    await deliveries.fanOut(100);
    const rounds = await Promise.all(
      Array.from({ length: 12 }, () => deliveries.queueDue({ ...LIMITS, perEndpoint: 7 })),
    );
    for (let more = await deliveries.queueDue(LIMITS); more.length > 0; more = await deliveries.queueDue(LIMITS))
      rounds.push(more);
    const names = rounds.flat().map(({ endpointId, subjectId }) => `${endpointId} ${subjectId}`);
    expect(names).toHaveLength(80);
    expect(new Set(names).size).toBe(80);
  });

  test("is queued again when its message did not come", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    const lane = await queueOne(deliveries);
    expect(await deliveries.queueDue(LIMITS)).toEqual([]);
    await lapse(pool);
    expect(await deliveries.queueDue(LIMITS)).toEqual([lane]);
  });

  test("is so many lanes of an endpoint that are out at once, and no more", async ({ expect }) => {
    const [crowded, other] = [await addEndpoint(pool), await addEndpoint(pool, { eventTypes: ["user.updated"] })];
    for (let n = 0; n < 7; n++) await addUser(pool);
    await deliveries.fanOut(100);
    const limits = { ...LIMITS, perEndpoint: 2, out: 5 };
    const counts: number[] = [];
    const lanes: Lane[] = [];
    for (let round = 0; round < 4; round++) {
      const found = await deliveries.queueDue(limits);
      counts.push(found.length);
      lanes.push(...found);
    }
    expect(counts).toEqual([2, 2, 1, 0]);
    // What is done makes room, also while its lane has nothing else; another endpoint has room of its own.
    const [first] = lanes;
    const work = first === undefined ? null : await deliveries.take(first, LEASE_MS);
    expect(await deliveries.queueDue(limits)).toEqual([]);
    if (work !== null) await deliveries.succeed(work, 200, { isWanted: true, leaseMs: LEASE_MS });
    await changeUser(pool, await addUser(pool));
    await deliveries.fanOut(100);
    const after = await deliveries.queueDue(limits);
    expect(after.map(({ endpointId }) => endpointId).toSorted()).toEqual([crowded, other].toSorted());
  });

  test("is one lane alone of an endpoint that keeps failing", async ({ expect }) => {
    await addEndpoint(pool);
    for (let n = 0; n < 5; n++) await addUser(pool);
    await deliveries.fanOut(100);
    await pool.query("update webhook_endpoints set consecutive_failures = 10, failing_since = now()");
    expect(await deliveries.queueDue(LIMITS)).toHaveLength(1);
    await pool.query("update webhook_endpoints set consecutive_failures = 9");
    expect(await deliveries.queueDue(LIMITS)).toHaveLength(4);
  });

  test("is nothing of an endpoint that is disabled, until it is enabled", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    const lane = await queueOne(deliveries);
    await pool.query("update webhook_endpoints set status = 'disabled', disabled_reason = 'manual'");
    expect(await deliveries.take(lane, LEASE_MS)).toBeNull();
    await lapse(pool);
    expect(await deliveries.queueDue(LIMITS)).toEqual([]);
    await pool.query("update webhook_endpoints set status = 'enabled', disabled_reason = null");
    expect(await deliveries.queueDue(LIMITS)).toHaveLength(1);
  });
});

test("the sweep removes what is old, but not what may still be sent", async ({ expect }) => {
  const [enabled, disabled] = [await addEndpoint(pool), await addEndpoint(pool)];
  await changeUser(pool, await addUser(pool));
  await deliveries.fanOut(100);
  await pool.query("update webhook_deliveries set state = 'dead', due_at = null where event_type = 'user.created'");
  await pool.query("update webhook_endpoints set status = 'disabled', disabled_reason = 'manual' where id = $1", [
    disabled,
  ]);
  expect(await deliveries.sweep(60_000)).toBe(0);
  await pool.query("update webhook_deliveries set created_at = now() - interval '2 minutes'");
  expect(await deliveries.sweep(60_000)).toBe(3);
  expect(await readDeliveries(pool, enabled)).toMatchObject([{ state: "pending", type: "user.updated" }]);
});

test("the sweep removes lanes in which nothing is pending, and no others", async ({ expect }) => {
  await addEndpoint(pool);
  const [done, pending] = [await addUser(pool), await addUser(pool)];
  await deliveries.fanOut(100);
  for (const { subjectId, endpointId } of await deliveries.queueDue(LIMITS)) {
    if (subjectId !== done) continue;
    const work = await deliveries.take({ subjectId, endpointId }, LEASE_MS);
    if (work === null) throw new Error("there is nothing to do");
    await deliveries.succeed(work, 200, { isWanted: true, leaseMs: LEASE_MS });
  }
  expect(await readLanes(pool)).toHaveLength(2);
  await deliveries.sweep(60_000);
  expect(await readLanes(pool)).toEqual([{ subjectId: pending, isEmpty: false, isDue: false }]);
  await changeUser(pool, done);
  expect((await queueOne(deliveries)).subjectId).toBe(done);
});

test("the sweep removes lanes of an endpoint that is disabled once its deliveries are gone", async ({ expect }) => {
  await addEndpoint(pool);
  await addUser(pool);
  await deliveries.fanOut(100);
  await pool.query("update webhook_endpoints set status = 'disabled', disabled_reason = 'manual'");
  await deliveries.sweep(60_000);
  expect(await readLanes(pool)).toHaveLength(1);
  await pool.query("update webhook_deliveries set created_at = now() - interval '2 minutes'");
  expect(await deliveries.sweep(60_000)).toBe(1);
  await deliveries.sweep(60_000);
  expect(await readLanes(pool)).toEqual([]);
});
