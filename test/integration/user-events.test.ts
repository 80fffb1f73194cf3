import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";

import { createDatabaseClient } from "../../src/db/client.ts";
import { createQueryRunner } from "../../src/db/query-runner.ts";
import { toUserBody, toUserJson } from "../../src/http/users/schemas.ts";
import type { UserEventRepository } from "../../src/models/user-event.ts";
import type { User, UserRepository } from "../../src/models/user.ts";
import { createPostgresUserEventRepository } from "../../src/repositories/postgres-user-event-repository.ts";
import { createPostgresUserRepository } from "../../src/repositories/postgres-user-repository.ts";
import { OPEN_GATE } from "../../src/resilience/gate.ts";
import { migrate } from "../../tools/db/migrate.ts";
import { startGateway, type Gateway } from "../../tools/dev/gateway/index.ts";
import { startEmbeddedPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import { TEST_CONTEXT, withContext, type WithoutContext } from "../support/call-context.ts";
import { refusalOf } from "../support/refusals.ts";
import { namesOf, readFeed, walkFeed } from "../support/user-events.ts";
import { buildUser } from "../support/users.ts";

const DAY_MS = 86_400_000;

let postgres: PostgresServer;
let postgresUrl: string;
let gateway: Gateway;
let sql: pg.Client;
let users: WithoutContext<UserRepository>;
let events: UserEventRepository;

beforeAll(async () => {
  // Of our own: transactions of other test files would hold back what is served, whatever database they are in.
  postgres = await startEmbeddedPostgres();
  postgresUrl = await postgres.createDatabase();
  await migrate({ postgresUrl, log: () => {} });
  gateway = await startGateway({ postgresUrl });
  sql = new pg.Client({ connectionString: postgresUrl });
  await sql.connect();
  const send = createDatabaseClient({ databaseUrl: gateway.connectionString, fetchEndpoint: gateway.url });
  const queries = createQueryRunner({ send, clock: Date.now, gate: OPEN_GATE, retries: null });
  users = withContext(createPostgresUserRepository({ queries }));
  events = createPostgresUserEventRepository({ queries });
});

afterAll(async () => {
  await sql?.end();
  await gateway?.close();
  await postgres?.close();
});

beforeEach(async () => {
  await sql.query("truncate users, idempotency_keys, user_events");
  await sql.query("update user_event_feed set swept_stamp = 0, swept_position = 0");
});

/** What was sent to the database by some work. */
async function roundTripsOf(work: () => Promise<unknown>): Promise<number> {
  const before = gateway.stats.requests;
  await work();
  return gateway.stats.requests - before;
}

const keyed = (user: User, key: string, hash = "hash") =>
  users.insertOnce(user, {
    caller: "test",
    key,
    requestHash: hash,
    status: 201,
    response: toUserJson(user),
    createdAt: new Date(),
    expiresAt: new Date(Date.now() + DAY_MS),
  });

describe("A write leaves its event, in the one statement that it is", () => {
  test("a creation", async ({ expect }) => {
    const user = buildUser({ fullName: "Zoë O’Neill" });
    expect(await roundTripsOf(() => users.insert(user))).toBe(1);
    const [event, ...others] = await walkFeed(events);
    expect(others).toEqual([]);
    expect(event).toMatchObject({ type: "user.created", userId: user.id, userVersion: 1, payload: toUserBody(user) });
    expect(event?.eventId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    // Two looks at the same clock, the first of which is rounded.
    const time = Number.parseInt(event?.eventId.replace("-", "").slice(0, 12) ?? "", 16);
    const occurredAt = event?.occurredAt.getTime() ?? Infinity;
    expect(time).toBeGreaterThanOrEqual(occurredAt - 1);
    expect(time).toBeLessThan(occurredAt + 60_000);
  });

  test.for(["Ada", "Ada, Countess of Lovelace", "O'Neill", "Jean-Luc Picard", "王小明", "Dr. A., Jr."])(
    "with the name %j as it is",
    async (fullName, { expect }) => {
      const user = await users.insert(buildUser({ fullName }));
      const [event] = await walkFeed(events);
      expect(event?.payload).toEqual(toUserBody(user));
    },
  );

  test("with times that no version of the API writes, and the feed goes on behind them", async ({ expect }) => {
    const [odd, user] = [buildUser(), buildUser()];
    await sql.query(
      "insert into users (id, username, email, full_name, created_at, updated_at) values ($1, $2, $3, 'Ada', '-infinity', '294276-12-31 23:59:59.999+00')",
      [odd.id, odd.username, odd.email],
    );
    await users.insert(user);
    const [first, second] = await walkFeed(events);
    expect(first?.payload).toMatchObject({
      id: odd.id,
      created_at: "-infinity",
      updated_at: "294276-12-31 23:59:59.999+00",
    });
    expect(second?.userId).toBe(user.id);
  });

  test("a keyed creation, and its replay none", async ({ expect }) => {
    const user = buildUser();
    expect(await roundTripsOf(() => keyed(user, "k"))).toBe(1);
    await keyed({ ...user, id: buildUser().id }, "k");
    await refusalOf(keyed(buildUser(), "k", "another"));
    expect((await walkFeed(events)).map(({ userId }) => userId)).toEqual([user.id]);
  });

  test("a change, with the user as it is now and the next version", async ({ expect }) => {
    const user = await users.insert(buildUser());
    const change = { fullName: "Grace Hopper", updatedAt: new Date("2026-03-02T00:00:00.007Z") };
    expect(await roundTripsOf(() => users.update(user.id, change, [1]))).toBe(1);
    const [, event] = await walkFeed(events);
    expect(event).toMatchObject({
      type: "user.updated",
      userVersion: 2,
      payload: toUserBody({ ...user, ...change, version: 2 }),
    });
  });

  test("a deletion, which tells the id and the version alone, and takes the user out of what was told before", async ({
    expect,
  }) => {
    const [user, other] = [await users.insert(buildUser()), await users.insert(buildUser())];
    await users.update(user.id, { fullName: "Grace Hopper", updatedAt: new Date() }, null);
    expect(await roundTripsOf(() => users.delete(user.id, null))).toBe(1);
    const all = await walkFeed(events);
    const own = all.filter(({ userId }) => userId === user.id);
    expect(namesOf(own)).toEqual(["user.created 1", "user.updated 2", "user.deleted 3"]);
    expect(own.map(({ payload }) => payload)).toEqual([null, null, null]);
    expect(all.find(({ userId }) => userId === other.id)?.payload).toEqual(toUserBody(other));
    const { rows } = await sql.query("select e::text as row from user_events e");
    expect(JSON.stringify(rows)).not.toContain(user.email);
  });

  test("but what changes nothing leaves none", async ({ expect }) => {
    const user = await users.insert(buildUser());
    const before = await walkFeed(events);
    const change = { fullName: "Nobody", updatedAt: new Date() };
    await refusalOf(users.insert(buildUser({ username: user.username })));
    await refusalOf(keyed(buildUser({ email: user.email }), "k"));
    await users.update(buildUser().id, change, null);
    await users.update(user.id, change, [7]);
    await users.delete(user.id, [7]);
    await users.delete(buildUser().id, null);
    await sql.query("update users set full_name = full_name");
    expect(await walkFeed(events)).toEqual(before);
  });

  test("also when it comes from a version that knows of no events, or from a person", async ({ expect }) => {
    const { id, username, email } = buildUser();
    await sql.query(
      "insert into users (id, username, email, full_name, created_at, updated_at) values ($1, $2, $3, 'Ada', now(), now())",
      [id, username, email],
    );
    await sql.query("update users set full_name = 'Ada Lovelace', version = version + 1 where id = $1", [id]);
    await sql.query("delete from users");
    expect(namesOf(await walkFeed(events))).toEqual(["user.created 1", "user.updated 2", "user.deleted 3"]);
  });

  test("or is not made, when its event cannot be", async ({ expect }) => {
    await sql.query("alter table user_events add constraint planted check (type <> 'user.created') not valid");
    try {
      const user = buildUser();
      expect(await refusalOf(users.insert(user))).toMatchObject({ code: "internal-error" });
      expect(await users.findById(user.id)).toBeNull();
    } finally {
      await sql.query("alter table user_events drop constraint planted");
    }
  });
});

describe("The feed", () => {
  test("is read page by page, and its end is a place to read on from", async ({ expect }) => {
    const made: string[] = [];
    for (let count = 0; count < 10; count++) made.push((await users.insert(buildUser())).id);
    const first = await readFeed(events, { limit: 10 });
    expect(first).toMatchObject({ isAtEnd: false });
    const end = await readFeed(events, { limit: 10, after: first.next });
    expect(end).toMatchObject({ items: [], isAtEnd: true });
    const { id } = await users.insert(buildUser());
    const next = await readFeed(events, { after: end.next });
    expect([...first.items, ...next.items].map(({ userId }) => userId)).toEqual([...made, id]);
  });

  test("can be followed from now on", async ({ expect }) => {
    await users.insert(buildUser());
    const { items, next, isAtEnd } = await readFeed(events, { after: "now" });
    expect([items, isAtEnd]).toEqual([[], true]);
    const { id } = await users.insert(buildUser());
    expect((await walkFeed(events, { after: next })).map(({ userId }) => userId)).toEqual([id]);
  });

  test("of one type, or of one user, goes past the others", async ({ expect }) => {
    const [user, other] = [await users.insert(buildUser()), await users.insert(buildUser())];
    await users.delete(user.id, null);
    const deletions = await readFeed(events, { filter: { type: "user.deleted", userId: null } });
    expect(namesOf(deletions.items)).toEqual(["user.deleted 2"]);
    const ofOther = await readFeed(events, { filter: { type: null, userId: other.id } });
    expect(namesOf(ofOther.items)).toEqual(["user.created 1"]);
    const both = await readFeed(events, { filter: { type: "user.deleted", userId: other.id } });
    expect(both.items).toEqual([]);
    expect(both.next.stamp).toBeGreaterThan(deletions.items[0]?.stamp ?? 0n);
  });

  test("never sends a reader back", async ({ expect }) => {
    const far = { stamp: 1n << 61n, position: 5n };
    expect((await readFeed(events, { after: far })).next).toEqual(far);
  });
});

describe("Events that are old", () => {
  const age = (id: string, days: number) =>
    sql.query("update user_events set occurred_at = now() - $2 * interval '1 day' where user_id = $1", [id, days]);

  test("are removed from the first on, and who has not read them is told", async ({ expect }) => {
    const made = [];
    for (let count = 0; count < 4; count++) made.push((await users.insert(buildUser())).id);
    const [first, second, third] = await walkFeed(events);
    for (const [index, days] of [40, 35, 20].entries()) await age(made[index] ?? "", days);
    const cutoff = new Date(Date.now() - 30 * DAY_MS);
    expect(await events.deleteBefore(cutoff, TEST_CONTEXT)).toBe(2);
    expect(await events.deleteBefore(cutoff, TEST_CONTEXT)).toBe(0);
    expect((await walkFeed(events)).map(({ userId }) => userId)).toEqual(made.slice(2));
    expect(await refusalOf(readFeed(events, { after: first ?? "oldest" }))).toMatchObject({ code: "cursor-expired" });
    expect((await readFeed(events, { after: second ?? "oldest" })).items[0]).toMatchObject({ userId: third?.userId });
  });

  test("are all removed when no younger one is left, and those of a day never", async ({ expect }) => {
    const old = await users.insert(buildUser());
    await age(old.id, 2);
    expect(await events.deleteBefore(new Date(Date.now() + DAY_MS), TEST_CONTEXT)).toBe(1);
    await users.insert(buildUser());
    expect(await events.deleteBefore(new Date(Date.now() + DAY_MS), TEST_CONTEXT)).toBe(0);
    expect(await walkFeed(events)).toHaveLength(1);
  });
});

describe("Where transaction ids start over, as after a restore into another cluster", () => {
  test("events are held back until the stamps are restarted, and no cursor misses what comes then", async ({
    expect,
  }) => {
    const { id } = await users.insert(buildUser());
    // As if it had been written by a cluster that had seen a million transactions more.
    await sql.query("update user_events set stamp = stamp + 1000000");
    expect(await walkFeed(events)).toEqual([]);
    const { rows } = await sql.query<{ stamp: string }>("select stamp + 500 as stamp from user_events");
    const reached = { stamp: BigInt(rows[0]?.stamp ?? 0), position: 0n };

    await sql.query("select restart_user_event_stamps()");
    await users.update(id, { fullName: "Grace Hopper", updatedAt: new Date() }, null);
    expect(namesOf(await walkFeed(events))).toEqual(["user.created 1", "user.updated 2"]);
    expect(namesOf(await walkFeed(events, { after: reached }))).toEqual(["user.updated 2"]);
    // Restored once more, whoever has followed the first restored database misses nothing either.
    const end = await readFeed(events, { after: "now" });
    await sql.query("select restart_user_event_stamps()");
    await users.delete(id, null);
    expect(namesOf(await walkFeed(events, { after: end.next }))).toEqual(["user.deleted 3"]);
  });

  test("a session that has written events before writes the next ones in the new epoch", async ({ expect }) => {
    // PL/pgSQL keeps a plan for good after five uses.
    for (let count = 0; count < 10; count++) await insertBySql();
    const before = await readEpoch();
    const other = new pg.Client({ connectionString: postgresUrl });
    await other.connect();
    try {
      await other.query("select restart_user_event_stamps()");
    } finally {
      await other.end();
    }
    await insertBySql();
    const { rows } = await sql.query<{ epoch: string }>(
      "select distinct stamp >> 40 as epoch from user_events order by 1",
    );
    expect(rows.map(({ epoch }) => epoch)).toEqual([before, await readEpoch()]);
  });
});

async function readEpoch(): Promise<string | undefined> {
  const { rows } = await sql.query<{ epoch: string }>("select user_event_epoch() as epoch");
  return rows[0]?.epoch;
}

/** On the connection of the tests. */
async function insertBySql(): Promise<void> {
  const { id, username, email } = buildUser();
  await sql.query(
    "insert into public.users (id, username, email, full_name, created_at, updated_at) values ($1, $2, $3, 'Ada', now(), now())",
    [id, username, email],
  );
}

describe("Whoever may write users", () => {
  test("cannot put functions of their own into what the owner runs", async ({ expect, onTestFinished }) => {
    onTestFinished(async () => {
      await sql.query("reset session authorization");
      await sql.query("reset search_path; drop owned by writer cascade; drop role writer");
    });
    await sql.query(`create role writer;
      create schema mine authorization writer;
      grant usage on schema public to writer;
      grant select, insert, update, delete on users to writer`);
    await sql.query("set session authorization writer");
    const trap = (name: string, type: string) =>
      `create function mine.${name} returns ${type} language plpgsql as $$ begin raise 'trapped as %', current_user; end $$`;
    for (const [name, type] of TRAPS) await sql.query(trap(name, type));
    await sql.query(`create table mine.user_events (like public.users);
      create operator mine.+ (function = mine.add_numbers, leftarg = bigint, rightarg = bigint);
      create operator mine.<< (function = mine.shift, leftarg = bigint, rightarg = integer)`);
    await sql.query("set search_path = mine, pg_catalog, public");
    await expect(sql.query("select clock_timestamp()")).rejects.toThrow("trapped as writer");
    await expect(sql.query("select 1::bigint + 1::bigint")).rejects.toThrow("trapped as writer");
    await insertBySql();
    await sql.query("reset session authorization");
    const { rows } = await sql.query("select type from public.user_events");
    expect(rows).toEqual([{ type: "user.created" }]);
  });
});

/** Functions whose names the event of a creation asks for, directly or not, and those of operators. */
const TRAPS = [
  ["user_event_stamp()", "bigint"],
  ["user_event_epoch()", "bigint"],
  ["user_event_id()", "uuid"],
  ["uuidv7()", "uuid"],
  ["gen_random_uuid()", "uuid"],
  ["clock_timestamp()", "timestamptz"],
  ["txid_current()", "bigint"],
  ["add_numbers(bigint, bigint)", "bigint"],
  ["shift(bigint, integer)", "bigint"],
] as const;
