import { afterEach, describe, test } from "vitest";

import type { Subscriber } from "../../../../../tools/rehearsal/subscribers/kinds.ts";
import { subscribeByPages } from "../../../../../tools/rehearsal/subscribers/pages.ts";
import { subscribeBySse } from "../../../../../tools/rehearsal/subscribers/sse.ts";
import { subscribeByWebSocket } from "../../../../../tools/rehearsal/subscribers/websocket.ts";
import { type FeedServer, startFeedServer } from "../../../../support/feed-server.ts";

const IDS = Array.from({ length: 450 }, (_, index) => `event-${index}`);
const POLL = { timeout: 20_000, interval: 20 };

let server: FeedServer;
let subscriber: Subscriber;

afterEach(async () => {
  await subscriber.stop();
  await server.close();
});

describe.for([
  ["SSE", subscribeBySse, 150, 3, 4],
  // A page has a hundred, and the one behind the last is empty.
  ["pages", subscribeByPages, 100, 1, 7],
  ["WebSocket", subscribeByWebSocket, 150, 3, 4],
] as const)("a subscriber by %s", ([, subscribe, atOnce, reconnects, connections]) => {
  test("sees each event once, whatever breaks off, and counts how often it had to come again", async ({ expect }) => {
    server = await startFeedServer({ ids: IDS, atOnce, refusals: 1 });
    subscriber = subscribe({ origin: server.origin, apiKey: "its own" });
    await expect.poll(() => subscriber.ids.length, POLL).toBe(IDS.length);
    await expect.poll(() => server.connections, POLL).toBe(connections);
    expect(subscriber.ids).toEqual(IDS);
    expect(subscriber).toMatchObject({ reconnects, invalid: [] });
    expect([...server.apiKeys]).toEqual(["its own"]);
  });
});

test("a subscriber by WebSocket says how many events it has, each hundred and after a burst", async ({ expect }) => {
  server = await startFeedServer({ ids: IDS.slice(0, 250), atOnce: 250, refusals: 0 });
  subscriber = subscribeByWebSocket({ origin: server.origin, apiKey: "its own" });
  await expect.poll(() => server.received, POLL).toEqual([[100, 200, 250]]);
});
