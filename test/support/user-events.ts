import type pg from "pg";

import type { EventPage, EventQuery, UserEvent, UserEventRepository } from "../../src/models/user-event.ts";
import { TEST_CONTEXT } from "./call-context.ts";

const NO_EVENT_FILTER: EventQuery["filter"] = { type: null, userId: null };

/** Reads a part of the feed. */
export async function readFeed(events: UserEventRepository, query: Partial<EventQuery> = {}): Promise<EventPage> {
  return await events.read({ filter: NO_EVENT_FILTER, limit: 100, after: "oldest", ...query }, TEST_CONTEXT);
}

/** Reads the feed to its end, page by page. */
export async function walkFeed(
  events: UserEventRepository,
  { limit = 7, after = "oldest" }: Pick<Partial<EventQuery>, "limit" | "after"> = {},
): Promise<UserEvent[]> {
  const found: UserEvent[] = [];
  for (let from = after; ;) {
    const { items, next, isAtEnd } = await readFeed(events, { limit, after: from });
    found.push(...items);
    if (isAtEnd) return found;
    from = next;
  }
}

/** What happened, in order: `user.created 1`. */
export function namesOf(events: readonly UserEvent[]): string[] {
  return events.map(({ type, userVersion }) => `${type} ${userVersion}`);
}

/** A transaction on a connection of its own, which takes its id at once and stays open until it is ended. */
export async function beginTransaction(client: pg.Client): Promise<bigint> {
  await client.query("begin");
  const { rows } = await client.query<{ id: string }>("select pg_current_xact_id()::text as id");
  return BigInt(rows[0]?.id ?? 0);
}
