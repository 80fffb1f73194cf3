import { setTimeout as delay } from "node:timers/promises";

import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "vitest";

import { createQueryRunner } from "../../src/db/query-runner.ts";
import type { EventQuery, UserEvent, UserEventRepository } from "../../src/models/user-event.ts";
import { createPostgresUserEventRepository } from "../../src/repositories/postgres-user-event-repository.ts";
import { OPEN_GATE } from "../../src/resilience/gate.ts";
import { migrate } from "../../tools/db/migrate.ts";
import { startEmbeddedPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import { beginTransaction, namesOf, readFeed, walkFeed } from "../support/user-events.ts";
import { buildUser } from "../support/users.ts";

let postgres: PostgresServer;
let postgresUrl: string;
let clients: pg.Client[];
let reader: pg.Client;
let events: UserEventRepository;

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  clients.push(client);
  return client;
}

beforeAll(async () => {
  // Of our own: transactions of other test files would hold back what is served, whatever database they are in.
  postgres = await startEmbeddedPostgres();
});

beforeEach(async () => {
  clients = [];
  postgresUrl = await postgres.createDatabase();
  await migrate({ postgresUrl, log: () => {} });
  reader = await connect();
  // As the driver has it: each value as text.
  const types = { getTypeParser: () => (text: string) => text };
  const send = async (text: string, values: unknown[]) => {
    const { rows, rowCount } = await reader.query({ text, values, rowMode: "array", types });
    return { rows, rowCount: rowCount ?? 0 };
  };
  const queries = createQueryRunner({ send, clock: Date.now, gate: OPEN_GATE, retries: null });
  events = createPostgresUserEventRepository({ queries });
});

afterEach(async () => {
  for (const client of clients) await client.end();
});

afterAll(async () => await postgres?.close());

async function create(client: pg.Client): Promise<string> {
  const { id, username, email } = buildUser();
  await client.query(
    "insert into users (id, username, email, full_name, created_at, updated_at) values ($1, $2, $3, 'Ada', now(), now())",
    [id, username, email],
  );
  return id;
}

const change = (client: pg.Client, id: string) =>
  client.query("update users set version = version + 1 where id = $1", [id]);

const remove = (client: pg.Client, id: string) => client.query("delete from users where id = $1", [id]);

const idsOf = (found: readonly UserEvent[]): string[] => found.map(({ userId }) => userId);

describe("A cursor skips no event", () => {
  test("of a transaction that began before others and is done after them", async ({ expect }) => {
    const [slow, quick] = [await connect(), await connect()];
    const first = await create(quick);
    await beginTransaction(slow);
    const second = await create(slow);
    const third = await create(quick);
    const page = await readFeed(events);
    expect(idsOf(page.items)).toEqual([first]);
    await slow.query("commit");
    expect(idsOf((await readFeed(events, { after: page.next })).items)).toEqual([second, third]);
  });

  test("of a transaction that has only its id yet when the end is reached", async ({ expect }) => {
    const [slow, quick] = [await connect(), await connect()];
    await beginTransaction(slow);
    const third = await create(quick);
    const { next, items } = await readFeed(events);
    expect(items).toEqual([]);
    const second = await create(slow);
    await slow.query("commit");
    expect(idsOf((await readFeed(events, { after: next })).items)).toEqual([second, third]);
  });

  test("and waits for no transaction that was undone, or that only reads", async ({ expect }) => {
    const [undone, idle, quick] = [await connect(), await connect(), await connect()];
    await beginTransaction(undone);
    await create(undone);
    await idle.query("begin");
    await idle.query("select count(*) from users");
    const id = await create(quick);
    await undone.query("rollback");
    expect(idsOf(await walkFeed(events))).toEqual([id]);
  });
});

describe("The events of a user stand in the order of its versions", () => {
  test.for(["change", "removal"] as const)(
    "when a transaction that began first makes the last %s",
    async (last, { expect }) => {
      const [early, late] = [await connect(), await connect()];
      const id = await create(late);
      const [lower, higher] = [await beginTransaction(early), await beginTransaction(late)];
      expect(lower).toBeLessThan(higher);
      await change(late, id);
      await late.query("commit");
      await (last === "change" ? change : remove)(early, id);
      await early.query("commit");
      const names = ["user.created 1", "user.updated 2", last === "change" ? "user.updated 3" : "user.deleted 3"];
      expect(namesOf(await walkFeed(events))).toEqual(names);
      // However small the pages are: both stand at the same stamp.
      expect(namesOf(await walkFeed(events, { limit: 1 }))).toEqual(names);
    },
  );

  test("when the change of a transaction that began first waits for the other", async ({ expect }) => {
    const [early, late] = [await connect(), await connect()];
    const id = await create(late);
    await beginTransaction(early);
    await beginTransaction(late);
    await change(late, id);
    const waiting = change(early, id);
    await expect
      .poll(async () => (await reader.query("select from pg_locks where not granted")).rowCount)
      .toBeGreaterThan(0);
    await late.query("commit");
    await waiting;
    await early.query("commit");
    expect(namesOf(await walkFeed(events))).toEqual(["user.created 1", "user.updated 2", "user.updated 3"]);
  });
});

const WRITERS = 6;
const TRANSACTIONS = 60;

test("A reader beside writers of long and short transactions sees each event once, and each user's in order", async ({
  expect,
}) => {
  const writers = await Promise.all(Array.from({ length: WRITERS }, connect));
  const shared: string[] = [];
  for (let count = 0; count < 4; count++) shared.push(await create(reader));
  let isWriting = true;
  const work = Promise.all(writers.map((client, seed) => writeAtRandom(client, shared, seed + 1))).finally(
    () => (isWriting = false),
  );
  const seen: UserEvent[] = [];
  let after: EventQuery["after"] = "oldest";
  for (let isDone = false; !isDone;) {
    const wasWriting = isWriting;
    const page = await readFeed(events, { limit: 5, after });
    seen.push(...page.items);
    after = page.next;
    isDone = page.isAtEnd && !wasWriting;
  }
  await work;
  const { rows } = await reader.query<{ id: string }>("select event_id as id from user_events");
  expect(seen.map(({ eventId }) => eventId).toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
  for (const id of shared) {
    const versions = seen.filter(({ userId }) => userId === id).map(({ userVersion }) => userVersion);
    expect(versions).toEqual(Array.from({ length: versions.length }, (_, index) => index + 1));
  }
});

/** Transactions of one to three changes; some wait in the middle, some are undone. */
async function writeAtRandom(client: pg.Client, shared: readonly string[], seed: number): Promise<void> {
  let state = seed;
  const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
  for (let count = 0; count < TRANSACTIONS; count++) {
    await beginTransaction(client);
    if (random(3) === 0) await delay(random(20));
    if (random(2) === 0) await create(client);
    // One user each, so that no two can wait for each other.
    if (random(4) > 0) await change(client, shared[random(shared.length)] ?? "");
    if (random(3) === 0) await delay(random(10));
    await client.query(random(5) === 0 ? "rollback" : "commit");
  }
}
