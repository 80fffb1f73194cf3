import { sql } from "drizzle-orm";

import { userEventFeed, userEvents } from "../db/schema.ts";
import { prepareStatement, type Statement } from "../db/statement.ts";
import type { EventQuery } from "../models/user-event.ts";

/** Values of a part of the feed; only those of the shape's conditions are used. */
export type FeedValues = {
  readonly stamp: string;
  readonly position: string;
  /** Events at most. */
  readonly rows: number;
  readonly type: string | null;
  readonly userId: string | null;
};

/** Which conditions there are. */
export type FeedShape = Readonly<Record<"hasType" | "hasUser", boolean>>;

export function feedShape({ filter: { type, userId } }: EventQuery): FeedShape {
  return { hasType: type !== null, hasUser: userId !== null };
}

/** Before all stamps and positions. */
const START = { stamp: 0n, position: 0n } as const;

export function feedValues({ filter, after, limit }: EventQuery): FeedValues {
  const { stamp, position } = typeof after === "string" ? START : after;
  return { ...filter, stamp: String(stamp), position: String(position), rows: after === "now" ? 0 : limit };
}

/**
 * One row for each event, or a single one without. It begins with the horizon, which is the stamp that a transaction has at
 * least that may still write events, and with whether events behind the position have been removed.
 */
export function prepareFeed({ hasType, hasUser }: FeedShape): Statement<FeedValues> {
  return prepareStatement("user_events.read", "read", (value) => {
    const after = sql`(${value("stamp")}::bigint, ${value("position")}::bigint)`;
    const ofType = hasType ? sql` and type = ${value("type")}` : sql``;
    const ofUser = hasUser ? sql` and user_id = ${value("userId")}::uuid` : sql``;
    return sql`with feed as materialized (select user_event_horizon() as horizon, (swept_stamp, swept_position) > ${after} as is_expired from ${userEventFeed}) select feed.horizon, feed.is_expired, event.* from feed left join lateral (select stamp, position, event_id, type, user_id, user_version, payload, occurred_at from ${userEvents} where stamp < feed.horizon and (stamp, position) > ${after}${ofType}${ofUser} order by stamp, position limit ${value("rows")}) as event on true order by event.stamp, event.position`;
  });
}

/** `time` is RFC 3339. */
export const sweepEvents = prepareStatement<{ readonly time: string }>(
  "user_events.delete_expired",
  "repeatable-write",
  (value) => sql`select sweep_user_events(${value("time")}::timestamptz)`,
);
