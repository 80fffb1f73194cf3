import { afterEach, describe, test } from "vitest";

import { EVENTS_DISPATCHER, EVENTS_NAME } from "../../tools/events/events-worker.ts";
import { openFeed } from "../support/feed-client.ts";
import { CALLERS, startFeedStack } from "../support/feed-stack.ts";
import { startStack, type Stack } from "../support/stack.ts";

const [FIRST] = CALLERS;
const HEADERS = { "X-API-Key": FIRST };
const EVENTS = "/api/v1/users/events";

let stack: Stack | null = null;

afterEach(async () => {
  await stack?.stop();
  stack = null;
});

test("A socket ends by itself when its time is over, and a client comes back where it ended", async ({ expect }) => {
  stack = await startFeedStack({ EVENTS_SOCKET_SECONDS: "1" });
  const client = await openFeed(stack.url, "from=now", { headers: HEADERS });
  expect(await client.closed).toEqual({ code: 1_001, reason: "time is over: come again with your last cursor" });
  const user = { username: "later", email: "later@example.com", full_name: "Ada" };
  await stack.sendJson("/api/v1/users", user, { headers: HEADERS });
  const again = await openFeed(stack.url, `cursor=${client.cursor()}`, { headers: HEADERS });
  expect((await again.takeEvents(1))[0]).toMatchObject({ type: "user.created", user: { username: "later" } });
  await again.close();
});

describe("No socket can be opened", () => {
  test("with an events Worker that has another secret than the API, which says so in the log", async ({ expect }) => {
    stack = await startFeedStack({ CURSOR_SECRET: "a secret that only one has" });
    const { url } = stack;
    await expect(openFeed(url, "from=now", { headers: HEADERS })).rejects.toThrow("refused");
    const events = stack.events();
    expect(events.filter(({ event }) => event === "event_sockets_misconfigured")).toEqual([
      expect.objectContaining({ level: "error", error: { name: "AppError", message: "invalid-cursor" } }),
    ]);
    expect(events.findLast(({ event }) => event === "request")).toMatchObject({ status: 503, problem: "overloaded" });
    expect((await stack.request(`${EVENTS}?from=now`, { headers: HEADERS })).status).toBe(200);
  });

  test("with an events Worker whose configuration is invalid", async ({ expect }) => {
    stack = await startFeedStack({ EVENTS_SOCKET_SECONDS: "soon" });
    await expect(openFeed(stack.url, "from=now", { headers: HEADERS })).rejects.toThrow("refused");
    expect(stack.events().findLast(({ event }) => event === "request")).toMatchObject({ status: 503 });
  });

  test("with an events Worker that is too old to know of any", async ({ expect }) => {
    const source = `import { WorkerEntrypoint } from "cloudflare:workers";
      export class EventsDispatcher extends WorkerEntrypoint { nudge() {} }
      export default {};`;
    const modules = [{ type: "ESModule" as const, path: "/old.mjs", contents: source }];
    const worker = { name: EVENTS_NAME, compatibilityDate: "2026-08-15", modulesRoot: "/", modules };
    stack = await startStack({ companions: { workers: [worker], services: { EVENTS: EVENTS_DISPATCHER } } });
    await expect(openFeed(stack.url, "from=now")).rejects.toThrow("refused");
    const events = stack.events();
    expect(events.find(({ event }) => event === "event_socket_failed")).toMatchObject({ level: "warn" });
    expect(events.findLast(({ event }) => event === "request")).toMatchObject({ status: 503, problem: "overloaded" });
  });
});
