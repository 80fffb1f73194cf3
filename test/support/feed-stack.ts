import { createHash } from "node:crypto";

import { buildCompanion } from "../../tools/dev/worker/build-companion.ts";
import { EVENTS_DISPATCHER, EVENTS_NAME, eventsWorker } from "../../tools/events/events-worker.ts";
import { ROOT } from "../../tools/process/run-script.ts";
import { startStack, type Stack } from "./stack.ts";

/** Callers of the API, each with a key that is its name. */
export const CALLERS = ["first-caller", "second-caller", "writer"] as const;

const SECRET = "a secret that both Workers have";

/** The API and the events Worker over PostgreSQL, with all callers' keys; beats are fast, and everything else is as it is. */
export async function startFeedStack(vars: Readonly<Record<string, string>> = {}): Promise<Stack> {
  const module = await buildCompanion(ROOT, "events");
  const entries = CALLERS.map((id) => ({
    id,
    sha256: createHash("sha256").update(id).digest("hex"),
    scopes: ["users:read", "users:write"],
  }));
  return await startStack({
    // A server of our own: transactions of other test files would hold back what is served.
    ownsPostgres: true,
    vars: { CURSOR_SECRET: SECRET, API_KEYS: JSON.stringify(entries), EVENTS_POLL_MS: "50" },
    companions: (database) => ({
      workers: [eventsWorker({ module, vars: { ...database, CURSOR_SECRET: SECRET, LOG_LEVEL: "debug", ...vars } })],
      services: { EVENTS: EVENTS_DISPATCHER },
    }),
  });
}

/** Takes the memory of all objects that are awake; gives how many there were. */
export async function hibernateFeeds(stack: Stack): Promise<number> {
  const names = Array.from({ length: 4 }, (_, place) => `feed-${place}`);
  const outcomes = await Promise.allSettled(names.map((name) => stack.hibernate(EVENTS_NAME, "UserEventFeed", name)));
  return outcomes.filter(({ status }) => status === "fulfilled").length;
}
