import type { TextResult } from "../db/client.ts";
import type { QueryRunner } from "../db/query-runner.ts";
import { rowReader } from "../db/rows.ts";
import { userEvents } from "../db/schema.ts";
import { prepareByShape } from "../db/statement.ts";
import { AppError } from "../models/errors.ts";
import type { EventPage, EventPosition, EventQuery, UserEventRepository } from "../models/user-event.ts";
import { feedShape, feedValues, prepareFeed, sweepEvents } from "./user-event-sql.ts";

const feedStatement = prepareByShape(prepareFeed);

const toEvent = rowReader(userEvents);

/** The changes of users in PostgreSQL, where triggers write them (migration 0007); one statement per method. */
export function createPostgresUserEventRepository({ queries }: { readonly queries: QueryRunner }): UserEventRepository {
  return {
    read: (query, context) =>
      queries.run(context, {
        statement: feedStatement(feedShape(query)),
        values: feedValues(query),
        read: (result) => toPage(result, query),
      }),

    deleteBefore: (time, context) =>
      queries.run(context, {
        statement: sweepEvents,
        values: { time: time.toISOString() },
        read: ({ rows: [row] }) => Number(row?.[0]),
      }),
  };
}

function toPage({ rows }: TextResult, { after, limit }: EventQuery): EventPage {
  const [horizon, isExpired] = rows[0] ?? [];
  if (isExpired === "t" && !isBeginning(after)) throw new AppError("cursor-expired");
  const items = rows.flatMap(([, , ...event]) => (event[0] === null ? [] : [toEvent(event)]));
  const last = items.at(-1);
  const isAtEnd = after === "now" || items.length < limit;
  if (!isAtEnd && last !== undefined) return { items, next: last, isAtEnd };
  return { items, next: furthest(BigInt(horizon ?? 0), last ?? after), isAtEnd };
}

/** Before all stamps is the oldest event that is kept, whatever that is. */
function isBeginning(after: EventQuery["after"]): boolean {
  return typeof after === "string" || after.stamp === 0n;
}

/** At the end of the feed one reads on at the horizon, also past events that do not fit the filter; but never goes back. */
function furthest(horizon: bigint, reached: EventQuery["after"]): EventPosition {
  return typeof reached === "string" || reached.stamp < horizon ? { stamp: horizon, position: 0n } : reached;
}
