import { afterAll, beforeAll, describe, test } from "vitest";

import type { UserEventBody } from "../../src/models/user-event-body.ts";
import { openFeed } from "../support/feed-client.ts";
import { CALLERS, hibernateFeeds, startFeedStack } from "../support/feed-stack.ts";
import { readSse, takeEvents } from "../support/sse.ts";
import type { Stack } from "../support/stack.ts";
import { addUser, changeUser } from "../support/webhooks.ts";

const EVENTS = "/api/v1/users/events";
const [FIRST, SECOND, WRITER] = CALLERS;
const keyOf = (caller: string) => ({ headers: { "X-API-Key": caller } });
/** An object that is put to sleep while it reads is held until the read has failed, which it is not at Cloudflare. */
const PATIENCE_MS = 8_000;
const IN_TIME = { timeout: 20_000 };

let stack: Stack;

beforeAll(async () => {
  stack = await startFeedStack({
    EVENTS_SOCKET_HEARTBEAT_MS: "1000",
    EVENTS_SOCKET_PATIENCE_MS: String(PATIENCE_MS),
    EVENTS_SOCKETS_PER_CALLER: "5",
  });
}, 300_000);

afterAll(async () => await stack?.stop());

const open = (query = "", { caller = FIRST, acknowledges = true }: { caller?: string; acknowledges?: boolean } = {}) =>
  openFeed(stack.url, query, { ...keyOf(caller), acknowledges });

let sequence = 0;

async function create(): Promise<string> {
  const username = `held${sequence++}`;
  const body = { username, email: `${username}@example.com`, full_name: "Ada Lovelace" };
  const response = await stack.sendJson("/api/v1/users", body, keyOf(WRITER));
  const { id }: { id: string } = JSON.parse(await response.text());
  return id;
}

const rename = (id: string) =>
  stack.sendJson(`/api/v1/users/id/${id}`, { full_name: "Grace Hopper" }, { method: "PATCH", ...keyOf(WRITER) });
const remove = (id: string) => stack.request(`/api/v1/users/id/${id}`, { method: "DELETE", ...keyOf(WRITER) });

const namesOf = (events: readonly UserEventBody[]) =>
  events.map(({ type, user_version: version }) => `${type} ${version}`);

const endsOf = (reason: string) =>
  stack.events().filter((event) => event["event"] === "event_socket_ended" && event["reason"] === reason);

/** More events than a window holds, at one blow. */
const addMany = (count: number) =>
  stack.sql.query(
    `insert into users (id, username, email, full_name, created_at, updated_at)
     select id, 'u' || substr(replace(id::text, '-', ''), 1, 20), id || '@example.com', 'Ada', now(), now()
     from (select gen_random_uuid() as id from generate_series(1, $1)) as made`,
    [count],
  );

/** Waits until nothing is being read. */
async function quiet(): Promise<void> {
  for (let before = -1; before !== stack.gateway.stats.requests;) {
    before = stack.gateway.stats.requests;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe("A change by the API", () => {
  test("arrives at a socket that is open, in order, each with the cursor behind it", async ({ expect }) => {
    const client = await open("from=now");
    const id = await create();
    await rename(id);
    await remove(id);
    const events = await client.takeEvents(3);
    expect(namesOf(events)).toEqual(["user.created 1", "user.updated 2", "user.deleted 3"]);
    expect(events.map(({ user_id: userId }) => userId)).toEqual([id, id, id]);
    const [start, ...rest] = client.messages;
    expect(start).toEqual({ cursor: expect.any(String) });
    expect(new Set(client.messages.map(({ cursor }) => cursor)).size).toBeGreaterThanOrEqual(rest.length);
    expect(await client.close()).toMatchObject({ code: 1_000 });
    await expect.poll(() => endsOf("reader_left"), IN_TIME).not.toEqual([]);
  });

  test("arrives where the filter lets it", async ({ expect }) => {
    const [watched, other] = [await create(), await create()];
    const [ofUser, ofType] = await Promise.all([
      open(`from=now&user_id=${watched}`),
      open("from=now&type=user.deleted"),
    ]);
    await rename(other);
    await rename(watched);
    await remove(other);
    await remove(watched);
    expect(namesOf(await ofUser.takeEvents(2))).toEqual(["user.updated 2", "user.deleted 3"]);
    expect((await ofType.takeEvents(2)).map(({ user_id: userId }) => userId)).toEqual([other, watched]);
    await Promise.all([ofUser.close(), ofType.close()]);
  });
});

describe("A cursor", () => {
  test("leads from a socket into the pages and the stream, and back", async ({ expect }) => {
    const client = await open("from=now");
    const ids = [await create(), await create(), await create()];
    await client.takeEvents(3);
    const [, first] = client.messages;
    await client.close();
    const query = `cursor=${first?.cursor}`;
    const page: { data: UserEventBody[]; next_cursor: string } = JSON.parse(
      await (await stack.request(`${EVENTS}?${query}`, keyOf(FIRST))).text(),
    );
    expect(page.data.map(({ user_id: userId }) => userId)).toEqual(ids.slice(1));
    const headers = { Accept: "text/event-stream", "X-API-Key": FIRST };
    const stream = readSse(await fetch(new URL(`${EVENTS}?${query}`, stack.url), { headers }));
    const blocks = await takeEvents(stream, 2);
    await stream.return(undefined);
    expect(blocks.map(({ data }) => JSON.parse(data ?? "").id)).toEqual(page.data.map(({ id }) => id));
    const again = await open(`cursor=${blocks[0]?.id}`);
    expect((await again.takeEvents(1))[0]?.user_id).toBe(ids[2]);
    await again.close();
    const last = await create();
    const behind = await open(`cursor=${page.next_cursor}`);
    expect((await behind.takeEvents(1))[0]?.user_id).toBe(last);
    await behind.close();
  });
});

const WRITERS = 4;
const CONNECTIONS = 50;

test(`A client that comes again ${CONNECTIONS} times during concurrent writes sees every event exactly once`, async ({
  expect,
}) => {
  let isWriting = true;
  const start = await open("from=now");
  let cursor = start.cursor();
  await start.close();
  const { rows: before } = await stack.sql.query("select 1 from user_events");
  const write = async (): Promise<void> => {
    while (isWriting) {
      const id = await create();
      await rename(id);
      if (sequence % 3 === 0) await remove(id);
    }
  };
  const writers = Promise.all(Array.from({ length: WRITERS }, write));
  const seen: string[] = [];
  for (let connection = 0; connection < CONNECTIONS; connection++) {
    const client = await open(`cursor=${cursor}`, { acknowledges: connection % 2 === 0 });
    const count = 1 + (connection % 7);
    await client.takeEvents(count);
    // It leaves in the middle of what was sent, too: whatever it has not kept comes again.
    const kept = client.messages.filter(({ event }) => event !== undefined).slice(0, count);
    seen.push(...kept.map(({ event }) => event?.id ?? ""));
    cursor = kept.at(-1)?.cursor ?? cursor;
    void client.close();
  }
  isWriting = false;
  await writers;
  const { rows } = await stack.sql.query<{ id: string }>(
    "select event_id as id from user_events order by stamp, position offset $1",
    [before.length],
  );
  const rest = await open(`cursor=${cursor}`);
  await rest.takeEvents(rows.length - seen.length);
  seen.push(...rest.events().map(({ id }) => id));
  await rest.close();
  expect(seen.length).toBeGreaterThan(CONNECTIONS);
  expect(seen).toEqual(rows.map(({ id }) => id));
});

describe("Nobody has to nudge", () => {
  test("for what a transaction under way holds back: it arrives when that is over", async ({ expect }) => {
    const client = await open("from=now");
    const slow = stack.sql;
    await slow.query("begin");
    const held = await addUser(stack.sql);
    const id = await create();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(client.events()).toEqual([]);
    await stack.sql.query("commit");
    expect((await client.takeEvents(2)).map(({ user_id: userId }) => userId)).toEqual([held, id]);
    await client.close();
  });

  test("for what was changed by hand, or when the nudge is lost: the next beat finds it", async ({ expect }) => {
    const client = await open("from=now");
    const id = await addUser(stack.sql);
    await changeUser(stack.sql, id, 1);
    expect(namesOf(await client.takeEvents(2))).toEqual(["user.created 1", "user.updated 2"]);
    await client.close();
  });

  test("and beats say where one stands, while nothing happens", async ({ expect }) => {
    const client = await open("from=now&type=user.deleted");
    await expect.poll(() => client.messages.length, IN_TIME).toBeGreaterThan(1);
    expect(client.events()).toEqual([]);
    const gone = await create();
    await remove(gone);
    const again = await open(`cursor=${client.cursor()}&type=user.deleted`);
    expect((await again.takeEvents(1))[0]?.user_id).toBe(gone);
    await Promise.all([client.close(), again.close()]);
  });
});

describe("A client that acknowledges nothing", () => {
  test("gets a window of 256 events, and no more, and is closed with what to do", async ({ expect }) => {
    const client = await open("from=now", { acknowledges: false });
    await addMany(1_000);
    await client.takeEvents(256);
    expect(await client.closed).toEqual({ code: 1_008, reason: "too slow: come again with your last cursor" });
    expect(client.events()).toHaveLength(256);
    const again = await open(`cursor=${client.cursor()}`);
    await again.takeEvents(1_000 - 256);
    await again.close();
    expect(endsOf("reader_too_slow")).toEqual([expect.objectContaining({ sent_events: 256 })]);
  });

  test("goes on where it was once it does, also after the object has slept", async ({ expect }) => {
    const client = await open("from=now", { acknowledges: false });
    await addMany(600);
    await client.takeEvents(256);
    await quiet();
    expect(await hibernateFeeds(stack)).toBeGreaterThan(0);
    client.acknowledge();
    await client.takeEvents(512);
    await quiet();
    expect(await hibernateFeeds(stack)).toBeGreaterThan(0);
    client.acknowledge();
    await client.takeEvents(600);
    expect(new Set(client.events().map(({ id }) => id)).size).toBe(600);
    const id = await create();
    client.acknowledge();
    expect((await client.takeEvents(601)).at(-1)?.user_id).toBe(id);
    await client.close();
  });
});

describe("What a client says", () => {
  test.for([
    ["that is no acknowledgement", "hello"],
    ["that has other members", '{"received":0,"more":1}'],
    ["that claims more than was sent", '{"received":1}'],
    ["that is not text", new Uint8Array([1, 2, 3])],
    ["that is long", `{"received":0}${" ".repeat(10_000)}`],
  ] as const)("%s ends its socket", async ([, words], { expect }) => {
    const client = await open("from=now");
    client.say(words);
    expect(await client.closed).toMatchObject({ code: 1_008, reason: expect.stringMatching(/^not understood/) });
  });

  test("as ping is answered, and counts for nothing", async ({ expect }) => {
    const client = await open("from=now");
    client.say("ping");
    const id = await create();
    expect((await client.takeEvents(1))[0]?.user_id).toBe(id);
    expect(await client.close()).toMatchObject({ code: 1_000 });
  });
});

describe("A caller", () => {
  test("has so many sockets and no more, which says nothing about others", async ({ expect }) => {
    const clients = await Promise.all(Array.from({ length: 5 }, () => open("from=now")));
    const headers = { Upgrade: "websocket", ...keyOf(FIRST).headers };
    await expect(open("from=now")).rejects.toThrow("refused");
    expect(stack.events().findLast(({ event }) => event === "request")).toMatchObject({
      status: 429,
      problem: "quota-exceeded",
      caller: headers["X-API-Key"],
    });
    const other = await open("from=now", { caller: SECOND });
    await clients.pop()?.close();
    await expect
      .poll(async () => await (await open("from=now")).close().then(() => "opened", String), IN_TIME)
      .toBe("opened");
    await Promise.all([other, ...clients].map((client) => client.close()));
  });
});

describe("A database", () => {
  test("that fails for a moment is asked again", async ({ expect }) => {
    const client = await open("from=now");
    stack.gateway.inject({ kind: "reset", when: "before", times: 4 });
    await expect.poll(() => stack.gateway.listFaults(), { timeout: 20_000 }).toEqual([]);
    const id = await create();
    expect((await client.takeEvents(1))[0]?.user_id).toBe(id);
    await client.close();
  });

  test("that has removed what a client has not had yet, ends its socket", async ({ expect }) => {
    const client = await open("from=now", { acknowledges: false });
    await addMany(300);
    await client.takeEvents(256);
    await stack.sql.query("update user_events set occurred_at = occurred_at - interval '40 days'");
    await stack.sql.query("select sweep_user_events(now() - interval '30 days')");
    client.acknowledge();
    expect(await client.closed).toMatchObject({ code: 1_008, reason: expect.stringMatching(/^cursor expired/) });
    const refused = await stack.request(`${EVENTS}?cursor=${client.cursor()}`, keyOf(FIRST));
    expect(refused.status).toBe(410);
    await expect(open(`cursor=${client.cursor()}`)).rejects.toThrow("refused");
    const anew = await open();
    expect(anew.messages).toHaveLength(1);
    await anew.close();
  });
});

test("When nobody is there, nobody looks", async ({ expect }) => {
  const asked = () => stack.gateway.stats.requests;
  const client = await open("from=now");
  await expect.poll(() => client.messages.length, IN_TIME).toBeGreaterThan(1);
  await client.close();
  await expect
    .poll(
      async () => {
        const before = asked();
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        return asked() - before;
      },
      { timeout: 20_000 },
    )
    .toBe(0);
});
