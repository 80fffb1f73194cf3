import type { EventCursorCodec } from "../../../src/http/user-events/cursor.ts";
import type { CallContext } from "../../../src/models/call-context.ts";
import { PAGE_LIMIT } from "../../../src/models/page.ts";
import type { EventPage, UserEventRepository } from "../../../src/models/user-event.ts";
import type { FeedSocket } from "./feed-socket.ts";
import { eventFrame } from "./protocol.ts";
import { roomOf, type Subscription } from "./subscription.ts";

/** Sockets that stand at the same place of the same feed: one read is for all of them. */
export interface Group {
  readonly at: Subscription;
  readonly sockets: readonly FeedSocket[];
}

export function groupSockets(sockets: readonly FeedSocket[]): readonly Group[] {
  const groups = new Map<string, { readonly at: Subscription; readonly sockets: FeedSocket[] }>();
  for (const socket of sockets) {
    const { subscription: at } = socket;
    if (at === null) continue;
    const { type, userId } = at.filter;
    const key = JSON.stringify([type, userId, String(at.position.stamp), String(at.position.position)]);
    const group = groups.get(key) ?? { at, sockets: [] };
    group.sockets.push(socket);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** A page, and each of its events as it is sent. */
export interface FramedPage {
  readonly page: EventPage;
  readonly frames: readonly string[];
}

export interface SharedReadOptions {
  readonly events: Pick<UserEventRepository, "read">;
  readonly cursors: EventCursorCodec;
  readonly startCall: () => CallContext;
}

/** Reads once for a group, no more than any of it has room for. */
export async function readFor(
  { at: { filter, position }, sockets }: Group,
  { events, cursors, startCall }: SharedReadOptions,
): Promise<FramedPage> {
  const rooms = sockets.map(({ subscription }) => (subscription === null ? 0 : roomOf(subscription)));
  const limit = Math.max(1, Math.min(PAGE_LIMIT.max, Math.max(...rooms)));
  const page = await events.read({ filter, limit, after: position }, startCall());
  const ids = await Promise.all(page.items.map((item) => cursors.encode(item, filter)));
  return { page, frames: page.items.map((item, place) => eventFrame(ids[place] ?? "", item)) };
}
