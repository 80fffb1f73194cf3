import { createConnection, type Socket } from "node:net";

import { afterAll, beforeAll, describe, test } from "vitest";

import { readSse, type SseBlock, takeAll, takeEvents } from "../support/sse.ts";
import { startStack, type Stack } from "../support/stack.ts";

const EVENTS = "/api/v1/users/events";
const POLL_MS = 20;

let stack: Stack;

beforeAll(async () => {
  const vars = { EVENTS_POLL_MS: String(POLL_MS), EVENTS_STREAM_SECONDS: "60", REQUEST_TIMEOUT_MS: "3000" };
  // A server of our own: transactions of other test files would hold back what is served.
  stack = await startStack({ vars, ownsPostgres: true });
});

afterAll(async () => {
  await stack?.stop();
});

let sequence = 0;

async function create(): Promise<string> {
  const username = `streamed${sequence++}`;
  const body = { username, email: `${username}@example.com`, full_name: "Ada Lovelace" };
  const response = await stack.sendJson("/api/v1/users", body);
  const { id }: { id: string } = JSON.parse(await response.text());
  return id;
}

/** Opens a stream; ends with the signal. */
async function follow(lastEventId: string | null, signal?: AbortSignal, query = ""): Promise<Response> {
  const headers: Record<string, string> = { Accept: "text/event-stream" };
  if (lastEventId !== null) headers["Last-Event-ID"] = lastEventId;
  return await fetch(new URL(`${EVENTS}?${query}`, stack.url), {
    headers,
    ...(signal === undefined ? {} : { signal }),
  });
}

const eventIdOf = ({ data }: SseBlock): string => JSON.parse(data ?? "{}").id;

/** Reads of the feed that reached the database, so far. */
const polls = (): number => stack.gateway.stats.requests;

/** Waits until nothing is asked of the database for a while. */
async function quiet(): Promise<void> {
  for (let before = -1; before !== polls();) {
    before = polls();
    await new Promise((resolve) => setTimeout(resolve, 15 * POLL_MS));
  }
}

const endsOf = (reason: string) =>
  stack.events().filter((event) => event["event"] === "event_stream_ended" && event["reason"] === reason);

const WRITERS = 4;
const CONNECTIONS = 50;

test(`A subscriber that comes again ${CONNECTIONS} times during concurrent writes sees every event exactly once`, async ({
  expect,
}) => {
  let isWriting = true;
  const write = async (): Promise<void> => {
    while (isWriting) {
      const id = await create();
      await stack.sendJson(`/api/v1/users/id/${id}`, { full_name: "Grace Hopper" }, { method: "PATCH" });
      if (sequence % 3 === 0) await stack.request(`/api/v1/users/id/${id}`, { method: "DELETE" });
    }
  };
  const writers = Promise.all(Array.from({ length: WRITERS }, write));
  const seen: SseBlock[] = [];
  let lastId: string | null = null;
  for (let connection = 0; connection < CONNECTIONS; connection++) {
    const leaving = new AbortController();
    const stream = readSse(await follow(lastId, leaving.signal));
    // It leaves in the middle of what was sent, too: whatever it has not read comes again.
    const events = await takeEvents(stream, 1 + (connection % 7));
    leaving.abort();
    await stream.return(undefined).catch(() => undefined);
    seen.push(...events);
    lastId = events.at(-1)?.id ?? null;
  }
  isWriting = false;
  await writers;
  const { rows } = await stack.sql.query<{ id: string; user_id: string; version: number }>(
    "select event_id as id, user_id, user_version as version from user_events order by stamp, position",
  );
  const rest = readSse(await follow(lastId));
  seen.push(...(await takeEvents(rest, rows.length - seen.length)));
  await rest.return(undefined);
  expect(seen.length).toBeGreaterThan(CONNECTIONS);
  expect(seen.map(eventIdOf)).toEqual(rows.map(({ id }) => id));
  expect(new Set(seen.map(eventIdOf)).size).toBe(rows.length);
});

describe("A stream", () => {
  test("asks the database once a poll, and at once no more when its client is gone", async ({ expect }) => {
    await quiet();
    const before = polls();
    const leaving = new AbortController();
    const stream = readSse(await follow(null, leaving.signal, "from=now"));
    await stream.next();
    await expect.poll(() => polls() - before).toBeGreaterThan(10);
    leaving.abort();
    await stream.return(undefined).catch(() => undefined);
    await quiet();
    const after = polls();
    await create();
    expect(polls() - after).toBe(1);
  });

  test("goes on through a failure of the database, which is counted as one of any call", async ({ expect }) => {
    const stream = readSse(await follow(null, undefined, "from=now"));
    await stream.next();
    stack.gateway.inject({ kind: "reset", when: "before", times: 4 });
    await expect.poll(() => stack.gateway.listFaults()).toEqual([]);
    const id = await create();
    const [event] = await takeEvents(stream, 1);
    expect(JSON.parse(event?.data ?? "{}")).toMatchObject({ type: "user.created", user_id: id });
    await stream.return(undefined);
  });

  test("is written to the log when it is answered, and again when it is over", async ({ expect }) => {
    const id = `stream-${sequence}`;
    const headers = { Accept: "text/event-stream", "X-Request-ID": id };
    const response = await fetch(new URL(`${EVENTS}?from=now`, stack.url), { headers });
    const isOfThis = (event: Record<string, unknown>) => event["request_id"] === id;
    await expect.poll(() => stack.events().filter(isOfThis)).toMatchObject([{ event: "request", status: 200 }]);
    await response.body?.cancel();
  });

  test(
    "cuts off a reader that takes nothing, and holds one page for it at most",
    { timeout: 180_000 },
    async ({ expect }) => {
      // Far more than the buffers of sockets on the way take.
      await stack.sql.query(
        `insert into users (id, username, email, full_name, created_at, updated_at)
       select gen_random_uuid(), 'bulk' || place, 'bulk' || place || '@example.com', repeat('Ada ', 24) || 'L', now(), now()
       from generate_series(1, 20000) place`,
      );
      const before = polls();
      const socket = await openUnread();
      await expect.poll(() => endsOf("reader_too_slow").length, { timeout: 120_000 }).toBeGreaterThan(0);
      const [end] = endsOf("reader_too_slow");
      expect(Number(end?.["sent_events"])).toBeLessThan(20_000);
      expect(polls() - before).toBeLessThan(200);
      socket.destroy();
    },
  );
});

/** A connection that asks for the stream and never reads. */
async function openUnread(): Promise<Socket> {
  const socket = createConnection(Number(stack.url.port), stack.url.hostname);
  socket.pause();
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write(`GET ${EVENTS} HTTP/1.1\r\nHost: ${stack.url.host}\r\nAccept: text/event-stream\r\n\r\n`);
  return socket;
}

test("A stream ends by itself when its time is over, and one comes back where it ended", async ({ expect }) => {
  const short = await startStack({ vars: { EVENTS_STREAM_SECONDS: "1", EVENTS_POLL_MS: "50" }, ownsPostgres: true });
  try {
    const response = await short.request(EVENTS, { headers: { Accept: "text/event-stream" } });
    const blocks = await takeAll(readSse(response));
    expect(blocks[0]).toMatchObject({ retry: 1_000 });
    const last = blocks.findLast(({ id }) => id !== null)?.id ?? "";
    const user = { username: "later", email: "later@example.com", full_name: "Ada" };
    await short.sendJson("/api/v1/users", user);
    const again = readSse(
      await fetch(new URL(EVENTS, short.url), { headers: { Accept: "text/event-stream", "Last-Event-ID": last } }),
    );
    expect((await takeEvents(again, 1))[0]).toMatchObject({ event: "user.created" });
    await again.return(undefined);
  } finally {
    await short.stop();
  }
});
