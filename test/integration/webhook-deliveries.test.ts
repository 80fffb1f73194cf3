import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "vitest";

import type { Consequence, DeliveryRepository, Lane } from "../../events/src/models/delivery.ts";
import { queueDueLanes } from "../../events/src/repositories/dispatch-sql.ts";
import { migrate } from "../../tools/db/migrate.ts";
import { startEmbeddedPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import type { WithoutContext } from "../support/call-context.ts";
import { beginTransaction } from "../support/user-events.ts";
import {
  addEndpoint,
  addTestDelivery,
  addUser,
  changeUser,
  openDeliveries,
  readDeliveries,
  removeUser,
} from "../support/webhooks.ts";

const LEASE_MS = 60_000;
const LIMITS = { perEndpoint: 100, failures: 10, leaseMs: LEASE_MS };
const NEXT = { isWanted: true, leaseMs: LEASE_MS };
const LATER: Consequence = {
  delayMs: 60_000,
  isEndpointsFault: true,
  isGone: false,
  disableAfterMs: 5 * 86_400_000,
  leaseMs: LEASE_MS,
};
const REFUSED = { status: 503, error: "http-status" } as const;

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
  deliveries = openDeliveries(pool);
});

afterEach(async () => await pool.end());

afterAll(async () => await postgres?.close());

/** Dispatches what there is, and queues the only lane that is due. */
async function queueOne(): Promise<Lane> {
  await deliveries.fanOut(100);
  const [lane, ...others] = await deliveries.queueDue(LIMITS);
  if (lane === undefined || others.length > 0) throw new Error(`${others.length + 1} lanes instead of one`);
  return lane;
}

async function takeOne() {
  const work = await deliveries.take(await queueOne(), LEASE_MS);
  if (work === null) throw new Error("there is nothing to do");
  return work;
}

/** Time goes by until messages are lost, claims are over, and everything is due. */
const lapse = () =>
  pool.query(
    `update webhook_deliveries set queued_until = now() - interval '1 second', claimed_until = now() - interval '1 second', due_at = now()
     where state = 'pending'`,
  );

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
  test("is a lane, for the sake of its head, and never of what comes later in it", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    const users = [await addUser(pool), await addUser(pool)];
    for (const user of users) await changeUser(pool, user, 3);
    await deliveries.fanOut(100);
    const lanes = await deliveries.queueDue(LIMITS);
    expect(lanes.map(({ subjectId }) => subjectId).toSorted()).toEqual(users.toSorted());
    expect(await deliveries.queueDue(LIMITS)).toEqual([]);
    const { rows } = await pool.query(
      "select distinct event_type from webhook_deliveries where queued_until is not null",
    );
    expect(rows).toEqual([{ event_type: "user.created" }]);
    expect(await readDeliveries(pool, endpoint)).toHaveLength(8);
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
    const lane = await queueOne();
    expect(await deliveries.queueDue(LIMITS)).toEqual([]);
    await lapse();
    expect(await deliveries.queueDue(LIMITS)).toEqual([lane]);
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
    const lane = await queueOne();
    await pool.query("update webhook_endpoints set status = 'disabled', disabled_reason = 'manual'");
    expect(await deliveries.take(lane, LEASE_MS)).toBeNull();
    await lapse();
    expect(await deliveries.queueDue(LIMITS)).toEqual([]);
    await pool.query("update webhook_endpoints set status = 'enabled', disabled_reason = null");
    expect(await deliveries.queueDue(LIMITS)).toHaveLength(1);
  });

  test("is found in indexes, also while there are no statistics", async ({ expect }) => {
    await addEndpoint(pool);
    for (let n = 0; n < 20; n++) await changeUser(pool, await addUser(pool), 20);
    for (let n = 0; n < 5; n++) await deliveries.fanOut(100);
    const values = { ...LIMITS };
    const { rows } = await pool.query(
      `explain (analyze, timing off, summary off, costs off) ${queueDueLanes.text}`,
      queueDueLanes.bind(values),
    );
    const plan = rows.map((row: Record<string, string>) => row["QUERY PLAN"]).join("\n");
    expect(plan).toContain("webhook_deliveries_due_idx");
    expect(plan).toMatch(/webhook_deliveries_lane_idx.*\n.*subject_id = .*endpoint_id = /);
    expect(plan).not.toContain("Seq Scan on webhook_deliveries");
    expect(plan).not.toContain("Join Filter");
  });
});

describe("a claim", () => {
  test("is one's own: a message that comes twice, or late, leads to nothing while somebody is at it", async ({
    expect,
  }) => {
    await addEndpoint(pool);
    await changeUser(pool, await addUser(pool));
    const lane = await queueOne();
    const taken = await Promise.all(Array.from({ length: 8 }, () => deliveries.take(lane, LEASE_MS)));
    expect(taken.filter((work) => work !== null)).toMatchObject([{ eventType: "user.created" }]);
  });

  test("lapses; whoever comes then has a newer one", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    const lane = await queueOne();
    const first = await deliveries.take(lane, LEASE_MS);
    await lapse();
    const second = await deliveries.take(lane, LEASE_MS);
    expect(second).toEqual({ ...first, token: (first?.token ?? 0) + 1 });
  });

  test("is had by a message that comes later than it was waited for", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    const lane = await queueOne();
    await lapse();
    await deliveries.queueDue(LIMITS);
    expect(await deliveries.take(lane, LEASE_MS)).not.toBeNull();
  });
});

describe("the work on a claim", () => {
  test("has the event as the feed has it, and who signs it", async ({ expect }) => {
    const endpoint = await addEndpoint(pool, { url: "https://example.com/a", secret: "whsec_b25l" });
    const id = await addUser(pool);
    const work = await takeOne();
    expect(work).toMatchObject({
      endpointId: endpoint,
      url: "https://example.com/a",
      secrets: ["whsec_b25l"],
      attempts: 0,
    });
    expect(JSON.parse(work.body ?? "")).toEqual({
      id: work.eventId,
      type: "user.created",
      occurred_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      user_id: id,
      user_version: 1,
      user: expect.objectContaining({ id, full_name: "Ada" }),
    });
  });

  test("is signed twice while the secret changes, and no longer", async ({ expect }) => {
    await addEndpoint(pool, { secret: "whsec_b25l" });
    await pool.query(
      "update webhook_endpoints set previous_secret = secret, previous_secret_until = now() + interval '1 hour', secret = 'whsec_dHdv'",
    );
    await addUser(pool);
    expect((await takeOne()).secrets).toEqual(["whsec_dHdv", "whsec_b25l"]);
    await lapse();
    await pool.query("update webhook_endpoints set previous_secret_until = now() - interval '1 second'");
    expect((await takeOne()).secrets).toEqual(["whsec_dHdv"]);
  });

  test("tells nothing of a user who has been deleted since", async ({ expect }) => {
    await addEndpoint(pool);
    const user = await addUser(pool);
    await removeUser(pool, user);
    expect(JSON.parse((await takeOne()).body ?? "")).toMatchObject({ type: "user.created", user: null });
  });

  test("on a test has a body of its own, and waits for nobody", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    const eventId = await addTestDelivery(pool, endpoint);
    const work = await takeOne();
    expect(JSON.parse(work.body ?? "")).toEqual({
      id: eventId,
      type: "webhook.test",
      occurred_at: expect.any(String),
      webhook_id: endpoint,
    });
    expect(await deliveries.succeed(work, 204, NEXT)).toBeNull();
    expect(await readDeliveries(pool, endpoint)).toMatchObject([{ state: "delivered", attempts: 1, lastStatus: 204 }]);
  });

  test("on an event that has been swept has no body", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    const lane = await queueOne();
    await pool.query("delete from user_events");
    expect(await deliveries.take(lane, LEASE_MS)).toMatchObject({ body: null });
  });
});

describe("a success", () => {
  test("leads to the next event of the lane, and in the end to none", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    await changeUser(pool, await addUser(pool), 2);
    let work = await deliveries.take(await queueOne(), LEASE_MS);
    const types: (string | undefined)[] = [];
    for (; work !== null; work = await deliveries.succeed(work, 200, NEXT)) types.push(work.eventType);
    expect(types).toEqual(["user.created", "user.updated", "user.updated"]);
    expect((await readDeliveries(pool, endpoint)).map(({ state }) => state)).toEqual(Array(3).fill("delivered"));
  });

  test("leads to none when none is wanted, and the next is free for others", async ({ expect }) => {
    await addEndpoint(pool);
    await changeUser(pool, await addUser(pool));
    const work = await takeOne();
    expect(await deliveries.succeed(work, 200, { ...NEXT, isWanted: false })).toBeNull();
    expect(await deliveries.queueDue(LIMITS)).toHaveLength(1);
  });

  test("is noted also by who has lost his claim; twice is once", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    await addUser(pool);
    const slow = await takeOne();
    await lapse();
    const other = await takeOne();
    expect(await deliveries.succeed(slow, 200, NEXT)).toBeNull();
    expect(await deliveries.succeed(other, 204, NEXT)).toBeNull();
    expect(await readDeliveries(pool, endpoint)).toMatchObject([{ state: "delivered", attempts: 1, lastStatus: 200 }]);
  });

  test("ends the failing of an endpoint", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    const work = await takeOne();
    await pool.query("update webhook_endpoints set consecutive_failures = 3, failing_since = now()");
    await deliveries.succeed(work, 200, NEXT);
    const { rows } = await pool.query("select consecutive_failures, failing_since, version from webhook_endpoints");
    expect(rows).toEqual([{ consecutive_failures: 0, failing_since: null, version: 1 }]);
  });
});

describe("a failure", () => {
  test("holds its lane back, and no other one", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    const user = await addUser(pool);
    const work = await takeOne();
    expect(await deliveries.fail(work, REFUSED, LATER)).toEqual({ disabled: null });
    await changeUser(pool, user);
    const other = await addUser(pool);
    expect((await queueOne()).subjectId).toBe(other);
    expect(await deliveries.take(work, LEASE_MS)).toBeNull();
    expect((await readDeliveries(pool, endpoint))[0]).toMatchObject({
      state: "pending",
      attempts: 1,
      lastStatus: 503,
      lastError: "http-status",
    });
    await lapse();
    const lanes = await deliveries.queueDue(LIMITS);
    expect(lanes.map(({ subjectId }) => subjectId).toSorted()).toEqual([user, other].toSorted());
    expect(await deliveries.take(work, LEASE_MS)).toMatchObject({ eventId: work.eventId, attempts: 1 });
  });

  test("comes back by its message a moment before its time, and not earlier", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    const work = await takeOne();
    await deliveries.fail(work, REFUSED, { ...LATER, delayMs: 10_000 });
    expect(await deliveries.take(work, LEASE_MS)).toBeNull();
    await pool.query("update webhook_deliveries set due_at = now() + interval '0.9 seconds'");
    expect(await deliveries.take(work, LEASE_MS)).not.toBeNull();
  });

  test("that gives up lets the lane go on", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    await changeUser(pool, await addUser(pool));
    const work = await takeOne();
    await deliveries.fail(work, REFUSED, { ...LATER, delayMs: null });
    const rows = await readDeliveries(pool, endpoint);
    expect(rows.map(({ state }) => state)).toEqual(["dead", "pending"]);
    expect((await takeOne()).eventId).toBe(rows[1]?.eventId);
  });

  test("of who has lost his claim is not noted", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    await addUser(pool);
    const slow = await takeOne();
    await lapse();
    const other = await takeOne();
    expect(await deliveries.fail(slow, REFUSED, LATER)).toBeNull();
    expect(await readDeliveries(pool, endpoint)).toMatchObject([{ attempts: 0, token: other.token }]);
    const { rows } = await pool.query("select consecutive_failures from webhook_endpoints");
    expect(rows).toEqual([{ consecutive_failures: 0 }]);
  });

  test("counts against the endpoint, which is disabled when it has failed for days", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    for (const disabled of [null, null]) {
      const failed = await deliveries.fail(await takeOne(), REFUSED, { ...LATER, delayMs: 0 });
      expect(failed?.disabled).toBe(disabled);
      await lapse();
    }
    await pool.query("update webhook_endpoints set failing_since = now() - interval '6 days'");
    expect((await deliveries.fail(await takeOne(), REFUSED, LATER))?.disabled).toBe("failing");
    const { rows } = await pool.query(
      "select status, disabled_reason, consecutive_failures, version from webhook_endpoints",
    );
    expect(rows).toEqual([{ status: "disabled", disabled_reason: "failing", consecutive_failures: 3, version: 2 }]);
  });

  test("that tells that the endpoint is gone disables it at once, and nothing is given up", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    await addUser(pool);
    const gone = { ...LATER, delayMs: 0, isGone: true };
    expect((await deliveries.fail(await takeOne(), { status: 410, error: "http-status" }, gone))?.disabled).toBe(
      "gone",
    );
    expect(await readDeliveries(pool, endpoint)).toMatchObject([{ state: "pending", lastStatus: 410 }]);
    await addUser(pool);
    expect(await deliveries.fanOut(100)).toMatchObject({ events: 1, deliveries: 0 });
  });

  test("that is not the endpoint's leaves it alone", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    const expired = { ...LATER, delayMs: null, isEndpointsFault: false };
    await deliveries.fail(await takeOne(), { status: null, error: "event-expired" }, expired);
    const { rows } = await pool.query("select consecutive_failures, failing_since from webhook_endpoints");
    expect(rows).toEqual([{ consecutive_failures: 0, failing_since: null }]);
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
