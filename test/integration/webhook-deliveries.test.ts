import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, test, vi } from "vitest";

import type { Consequence, DeliveryRepository, Lane } from "../../events/src/models/delivery.ts";
import { migrate } from "../../tools/db/migrate.ts";
import { startEmbeddedPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import type { WithoutContext } from "../support/call-context.ts";
import { beginTransaction } from "../support/user-events.ts";
import {
  addEndpoint,
  addTestDelivery,
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
  pool.on("error", () => {}); // Its last connections may end with the server.
  deliveries = openDeliveries(pool);
});

afterEach(async () => await pool.end());

afterAll(async () => await postgres?.close());

describe("a claim", () => {
  test("is one's own: a message that comes twice, or late, leads to nothing while somebody is at it", async ({
    expect,
  }) => {
    await addEndpoint(pool);
    await changeUser(pool, await addUser(pool));
    const lane = await queueOne(deliveries);
    const taken = await Promise.all(Array.from({ length: 8 }, () => deliveries.take(lane, LEASE_MS)));
    expect(taken.filter((work) => work !== null)).toMatchObject([{ eventType: "user.created" }]);
  });

  test("lapses; whoever comes then has a newer one", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    const lane = await queueOne(deliveries);
    const first = await deliveries.take(lane, LEASE_MS);
    await lapse(pool);
    const second = await deliveries.take(lane, LEASE_MS);
    expect(second).toEqual({ ...first, token: (first?.token ?? 0) + 1 });
  });

  test("is had by a message that comes later than it was waited for", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    const lane = await queueOne(deliveries);
    await lapse(pool);
    await deliveries.queueDue(LIMITS);
    expect(await deliveries.take(lane, LEASE_MS)).not.toBeNull();
  });
});

describe("a lane in which nothing is pending", () => {
  /** Adds an event to the lane in a transaction of its own, which ends when `work` waits for it. */
  async function addMeanwhile<Result>(lane: Lane, work: () => Promise<Result>): Promise<Result> {
    const adding = new pg.Client({ connectionString: pool.options.connectionString });
    await adding.connect();
    await beginTransaction(adding);
    await adding.query(
      `insert into webhook_deliveries (endpoint_id, event_id, stamp, position, event_type, subject_id, due_at, created_at)
       values ($1, gen_random_uuid(), 0, 1, 'user.updated', $2, now(), now())`,
      [lane.endpointId, lane.subjectId],
    );
    const done = work();
    await vi.waitFor(async () => {
      const { rowCount } = await pool.query("select from pg_locks where not granted");
      if (rowCount === 0) throw new Error("nobody waits");
    });
    await adding.query("commit");
    await adding.end();
    return await done;
  }

  test("is left alone, after a success as after a message for nothing", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    const work = await takeOne(deliveries);
    await deliveries.succeed(work, 200, NEXT);
    expect(await readLanes(pool)).toMatchObject([{ isEmpty: true }]);
    await pool.query("update webhook_lanes set next_at = now()");
    expect(await deliveries.take(work, LEASE_MS)).toBeNull();
    expect(await readLanes(pool)).toMatchObject([{ isEmpty: true }]);
  });

  test("is due when something was added while the last success was noted", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    const work = await takeOne(deliveries);
    expect(await addMeanwhile(work, () => deliveries.succeed(work, 200, NEXT))).toBeNull();
    expect(await readLanes(pool)).toMatchObject([{ isDue: true }]);
    expect(await takeOne(deliveries)).toMatchObject({ eventType: "user.updated" });
  });

  test("is due when something was added while a message for nothing was looked at", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    const work = await takeOne(deliveries);
    await deliveries.succeed(work, 200, NEXT);
    expect(await addMeanwhile(work, () => deliveries.take(work, LEASE_MS))).toBeNull();
    expect(await readLanes(pool)).toMatchObject([{ isDue: true }]);
  });
});

describe("the work on a claim", () => {
  test("has the event as the feed has it, and who signs it", async ({ expect }) => {
    const endpoint = await addEndpoint(pool, { url: "https://example.com/a", secret: "whsec_b25l" });
    const id = await addUser(pool);
    const work = await takeOne(deliveries);
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
    expect((await takeOne(deliveries)).secrets).toEqual(["whsec_dHdv", "whsec_b25l"]);
    await lapse(pool);
    await pool.query("update webhook_endpoints set previous_secret_until = now() - interval '1 second'");
    expect((await takeOne(deliveries)).secrets).toEqual(["whsec_dHdv"]);
  });

  test("tells nothing of a user who has been deleted since", async ({ expect }) => {
    await addEndpoint(pool);
    const user = await addUser(pool);
    await removeUser(pool, user);
    expect(JSON.parse((await takeOne(deliveries)).body ?? "")).toMatchObject({ type: "user.created", user: null });
  });

  test("on a test has a body of its own, and waits for nobody", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    const eventId = await addTestDelivery(pool, endpoint);
    const work = await takeOne(deliveries);
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
    const lane = await queueOne(deliveries);
    await pool.query("delete from user_events");
    expect(await deliveries.take(lane, LEASE_MS)).toMatchObject({ body: null });
  });
});

describe("a success", () => {
  test("leads to the next event of the lane, and in the end to none", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    await changeUser(pool, await addUser(pool), 2);
    let work = await deliveries.take(await queueOne(deliveries), LEASE_MS);
    const types: (string | undefined)[] = [];
    for (; work !== null; work = await deliveries.succeed(work, 200, NEXT)) types.push(work.eventType);
    expect(types).toEqual(["user.created", "user.updated", "user.updated"]);
    expect((await readDeliveries(pool, endpoint)).map(({ state }) => state)).toEqual(Array(3).fill("delivered"));
  });

  test("leads to none when the next is not due, and the lane is looked at by then", async ({ expect }) => {
    await addEndpoint(pool);
    await changeUser(pool, await addUser(pool));
    const work = await takeOne(deliveries);
    await pool.query("update webhook_deliveries set due_at = now() + interval '1 hour' where event_id <> $1", [
      work.eventId,
    ]);
    expect(await deliveries.succeed(work, 200, NEXT)).toBeNull();
    const { rows } = await pool.query(
      "select next_at = due_at as waits from webhook_lanes, webhook_deliveries where state = 'pending'",
    );
    expect(rows).toEqual([{ waits: true }]);
  });

  test("leads to none when none is wanted, and the next is free for others", async ({ expect }) => {
    await addEndpoint(pool);
    await changeUser(pool, await addUser(pool));
    const work = await takeOne(deliveries);
    expect(await deliveries.succeed(work, 200, { ...NEXT, isWanted: false })).toBeNull();
    expect(await deliveries.queueDue(LIMITS)).toHaveLength(1);
  });

  test("is noted also by who has lost his claim; twice is once", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    await addUser(pool);
    const slow = await takeOne(deliveries);
    await lapse(pool);
    const other = await takeOne(deliveries);
    expect(await deliveries.succeed(slow, 200, NEXT)).toBeNull();
    expect(await deliveries.succeed(other, 204, NEXT)).toBeNull();
    expect(await readDeliveries(pool, endpoint)).toMatchObject([{ state: "delivered", attempts: 1, lastStatus: 200 }]);
  });

  test("ends the failing of an endpoint", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    const work = await takeOne(deliveries);
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
    const work = await takeOne(deliveries);
    expect(await deliveries.fail(work, REFUSED, LATER)).toEqual({ disabled: null });
    await changeUser(pool, user);
    const other = await addUser(pool);
    expect((await queueOne(deliveries)).subjectId).toBe(other);
    expect(await deliveries.take(work, LEASE_MS)).toBeNull();
    expect((await readDeliveries(pool, endpoint))[0]).toMatchObject({
      state: "pending",
      attempts: 1,
      lastStatus: 503,
      lastError: "http-status",
    });
    await lapse(pool);
    const lanes = await deliveries.queueDue(LIMITS);
    expect(lanes.map(({ subjectId }) => subjectId).toSorted()).toEqual([user, other].toSorted());
    expect(await deliveries.take(work, LEASE_MS)).toMatchObject({ eventId: work.eventId, attempts: 1 });
  });

  test("comes back by its message a moment before its time, and not earlier", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    const work = await takeOne(deliveries);
    await deliveries.fail(work, REFUSED, { ...LATER, delayMs: 10_000 });
    expect(await deliveries.take(work, LEASE_MS)).toBeNull();
    await pool.query("update webhook_deliveries set due_at = now() + interval '0.9 seconds'");
    expect(await deliveries.take(work, LEASE_MS)).not.toBeNull();
  });

  test("that gives up lets the lane go on", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    await changeUser(pool, await addUser(pool));
    const work = await takeOne(deliveries);
    await deliveries.fail(work, REFUSED, { ...LATER, delayMs: null });
    const rows = await readDeliveries(pool, endpoint);
    expect(rows.map(({ state }) => state)).toEqual(["dead", "pending"]);
    expect((await takeOne(deliveries)).eventId).toBe(rows[1]?.eventId);
  });

  test("of who has lost his claim is not noted", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    await addUser(pool);
    const slow = await takeOne(deliveries);
    await lapse(pool);
    const other = await takeOne(deliveries);
    expect(await deliveries.fail(slow, REFUSED, LATER)).toBeNull();
    expect(await readDeliveries(pool, endpoint)).toMatchObject([{ attempts: 0, token: other.token }]);
    const { rows } = await pool.query("select consecutive_failures from webhook_endpoints");
    expect(rows).toEqual([{ consecutive_failures: 0 }]);
  });

  test("counts against the endpoint, which is disabled when it has failed for days", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    for (const disabled of [null, null]) {
      const failed = await deliveries.fail(await takeOne(deliveries), REFUSED, { ...LATER, delayMs: 0 });
      expect(failed?.disabled).toBe(disabled);
      await lapse(pool);
    }
    await pool.query("update webhook_endpoints set failing_since = now() - interval '6 days'");
    expect((await deliveries.fail(await takeOne(deliveries), REFUSED, LATER))?.disabled).toBe("failing");
    const { rows } = await pool.query(
      "select status, disabled_reason, consecutive_failures, version from webhook_endpoints",
    );
    expect(rows).toEqual([{ status: "disabled", disabled_reason: "failing", consecutive_failures: 3, version: 2 }]);
  });

  test("that tells that the endpoint is gone disables it at once, and nothing is given up", async ({ expect }) => {
    const endpoint = await addEndpoint(pool);
    await addUser(pool);
    const gone = { ...LATER, delayMs: 0, isGone: true };
    expect(
      (await deliveries.fail(await takeOne(deliveries), { status: 410, error: "http-status" }, gone))?.disabled,
    ).toBe("gone");
    expect(await readDeliveries(pool, endpoint)).toMatchObject([{ state: "pending", lastStatus: 410 }]);
    await addUser(pool);
    expect(await deliveries.fanOut(100)).toMatchObject({ events: 1, deliveries: 0 });
  });

  test("that is not the endpoint's leaves it alone", async ({ expect }) => {
    await addEndpoint(pool);
    await addUser(pool);
    const expired = { ...LATER, delayMs: null, isEndpointsFault: false };
    await deliveries.fail(await takeOne(deliveries), { status: null, error: "event-expired" }, expired);
    const { rows } = await pool.query("select consecutive_failures, failing_since from webhook_endpoints");
    expect(rows).toEqual([{ consecutive_failures: 0, failing_since: null }]);
  });
});
