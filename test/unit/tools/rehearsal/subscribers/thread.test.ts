import { afterEach, beforeEach, describe, test } from "vitest";

import { type Subscribers, startSubscribers } from "../../../../../tools/rehearsal/subscribers/index.ts";
import { type FeedServer, startFeedServer } from "../../../../support/feed-server.ts";

const IDS = Array.from({ length: 250 }, (_, index) => `event-${index}`);
const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

let server: FeedServer;
let subscribers: Subscribers;

beforeEach(async () => {
  server = await startFeedServer({ ids: IDS, atOnce: 100, refusals: 0 });
  subscribers = await startSubscribers({
    origin: server.origin,
    kinds: ["sse", "pages", "websocket", "webhook"],
    apiKeys: { sse: "a", pages: "b", websocket: "c" },
    secret: SECRET,
  });
});

afterEach(async () => {
  await subscribers.kill();
  await server.close();
});

describe("the subscribers' thread", () => {
  test("waits until all have seen what they are to see, and tells what they saw", async ({ expect }) => {
    const ids = { sse: IDS, pages: IDS, websocket: IDS, webhook: [] };
    const sightings = await subscribers.finish({ ids, timeoutMs: 20_000 });
    expect(sightings.map(({ kind }) => kind)).toEqual(["sse", "pages", "websocket", "webhook"]);
    expect(sightings.map((seen) => seen.ids)).toEqual([IDS, IDS, IDS, []]);
    expect([...server.apiKeys].toSorted()).toEqual(["a", "b", "c"]);
  });

  test("does not wait for ever", async ({ expect }) => {
    const ids = { sse: IDS, pages: IDS, websocket: IDS, webhook: ["never"] };
    const sightings = await subscribers.finish({ ids, timeoutMs: 300 });
    expect(sightings.at(-1)).toMatchObject({ kind: "webhook", ids: [] });
  });

  test("takes webhooks where it says", async ({ expect }) => {
    expect((await fetch(subscribers.receiverUrl, { method: "POST", body: "{}" })).status).toBe(400);
    const none = { sse: [], pages: [], websocket: [], webhook: [] };
    const sightings = await subscribers.finish({ ids: none, timeoutMs: 300 });
    expect(sightings.at(-1)?.invalid).toHaveLength(1);
  });
});
