import { setTimeout as delay } from "node:timers/promises";

import { afterAll, afterEach, beforeAll, describe, test } from "vitest";

import { createUsersClient, type FollowedEvent, type UsersClientOptions } from "../../client/src/index.ts";
import { startStack, type Stack } from "../support/stack.ts";

const API_KEY = "a-key-of-this-test-0123456789abcdef";

let stack: Stack;

beforeAll(async () => {
  const vars = { API_KEY, EVENTS_POLL_MS: "20", EVENTS_STREAM_SECONDS: "1" };
  // A server of our own: transactions of other test files would hold back what is served.
  stack = await startStack({ vars, ownsPostgres: true });
});

afterEach(() => stack.gateway.clearFaults());

afterAll(async () => {
  await stack?.stop();
});

function connect(options: Partial<UsersClientOptions> = {}) {
  return createUsersClient({ baseUrl: stack.url, apiKey: API_KEY, retry: { baseDelayMs: 20 }, ...options });
}

let sequence = 0;

async function create(): Promise<string> {
  const username = `followed${sequence++}`;
  const { user } = await connect().createUser({
    username,
    email: `${username}@example.com`,
    full_name: "Ada Lovelace",
  });
  return user.id;
}

/** The next events of a feed, so many of them. */
async function take(feed: AsyncIterable<FollowedEvent>, count: number): Promise<FollowedEvent[]> {
  const found: FollowedEvent[] = [];
  for await (const followed of feed) if (found.push(followed) >= count) break;
  return found;
}

const usersOf = (found: readonly FollowedEvent[]) => found.map(({ event }) => event.user_id);

describe("client.events()", () => {
  test("gives each event once, over streams that end and break, and goes on from any of its cursors", async ({
    expect,
  }) => {
    let opened = 0;
    const client = connect({
      async fetch(request) {
        opened += 1;
        // Every third stream is cut in the middle.
        if (opened % 3 !== 0) return await fetch(request);
        const cut = new AbortController();
        setTimeout(() => cut.abort(new TypeError("the connection broke")), 300);
        return await fetch(request, { signal: AbortSignal.any([request.signal, cut.signal]) });
      },
    });
    const made: string[] = [];
    const { next_cursor: cursor } = await client.listEvents({ from: "now" });
    const following = take(client.events({ cursor }), 30);
    while (made.length < 30) {
      made.push(await create());
      await delay(150);
    }
    const found = await following;
    expect(usersOf(found)).toEqual(made);
    expect(opened).toBeGreaterThan(3);
    expect(usersOf(await take(connect().events({ cursor: found[9]?.cursor ?? "" }), 20))).toEqual(made.slice(10));
  });

  test("waits for trouble that passes", async ({ expect }) => {
    const { next_cursor: cursor } = await connect().listEvents({ from: "now" });
    stack.gateway.inject({ kind: "reset", when: "before", times: 8 });
    const following = take(connect().events({ cursor }), 1);
    await expect.poll(() => stack.gateway.listFaults()).toEqual([]);
    const id = await create();
    expect(usersOf(await following)).toEqual([id]);
  });

  test("ends with its signal, whatever it is doing", async ({ expect }) => {
    const leaving = new AbortController();
    const following = take(connect().events({ from: "now" }, { signal: leaving.signal }), 1);
    await delay(50);
    leaving.abort(new Error("enough"));
    await expect(following).rejects.toThrow("enough");
  });

  test("throws what does not pass", async ({ expect }) => {
    await expect(take(connect({ apiKey: "wrong" }).events(), 1)).rejects.toMatchObject({ code: "invalid-api-key" });
    await expect(take(connect().events({ cursor: "abc" }), 1)).rejects.toMatchObject({ code: "invalid-cursor" });
    await create();
    const [first] = await take(connect().events(), 1);
    await create();
    await stack.sql.query("update user_events set occurred_at = now() - interval '90 days'");
    expect(await stack.runCron()).toBe("ok");
    const late = take(connect().events({ cursor: first?.cursor ?? "" }), 1);
    await expect(late).rejects.toMatchObject({ code: "cursor-expired", status: 410 });
  });
});
