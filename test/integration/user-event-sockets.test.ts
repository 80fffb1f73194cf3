import { afterAll, beforeAll, test } from "vitest";

import { buildCompanion } from "../../tools/dev/worker/build-companion.ts";
import { EVENTS_DISPATCHER, eventsWorker } from "../../tools/events/events-worker.ts";
import { ROOT } from "../../tools/process/run-script.ts";
import { openFeed } from "../support/feed-client.ts";
import { startStack, type Stack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  const module = await buildCompanion(ROOT, "events");
  const CURSOR_SECRET = "a secret that both Workers have";
  stack = await startStack({
    ownsPostgres: true,
    vars: { CURSOR_SECRET },
    companions: (database) => ({
      workers: [
        eventsWorker({
          module,
          vars: { ...database, CURSOR_SECRET, EVENTS_SOCKET_HEARTBEAT_MS: "500", LOG_LEVEL: "debug" },
        }),
      ],
      services: { EVENTS: EVENTS_DISPATCHER },
    }),
  });
}, 300_000);
afterAll(async () => await stack?.stop());

test("smoke", async ({ expect }) => {
  const client = await openFeed(stack.url, "from=now").catch(async (e) => {
    console.log(stack.output);
    throw e;
  });
  const r = await stack.sendJson("/api/v1/users", { username: "abcde", email: "a@example.com", full_name: "Ada" });
  expect(r.status).toBe(201);
  await client.takeEvents(1);
  client.say("ping");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  console.log(client.messages);
  await stack.hibernate("events", "UserEventFeed", "feed-0");
  await stack.hibernate("events", "UserEventFeed", "feed-1");
  await stack.hibernate("events", "UserEventFeed", "feed-2");
  await stack.hibernate("events", "UserEventFeed", "feed-3");
  const t = Date.now();
  await stack.sendJson("/api/v1/users", { username: "abcdef", email: "ab@example.com", full_name: "Ada" });
  await client.takeEvents(2);
  console.log("after hibernation", Date.now() - t);
  console.log(await client.close());
  await new Promise((resolve) => setTimeout(resolve, 300));
  console.log(stack.output);
});
