import type { CallContext } from "./call-context.ts";

export const USER_EVENT_TYPES = ["user.created", "user.updated", "user.deleted"] as const;

export type UserEventType = (typeof USER_EVENT_TYPES)[number];

/** A user right after a change, as the API answers it; nothing else of it is kept. */
export interface UserSnapshot {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly full_name: string;
  /** RFC 3339, UTC, with milliseconds; so is the other time. */
  readonly created_at: string;
  readonly updated_at: string;
}

/** Where an event stands in the order of all events: by stamp, then by position. There are gaps. */
export interface EventPosition {
  readonly stamp: bigint;
  readonly position: bigint;
}

/** A change of a user, written in the statement that made it. */
export interface UserEvent extends EventPosition {
  /** UUID version 7. */
  readonly eventId: string;
  readonly type: UserEventType;
  readonly userId: string;
  /** One more than that of the same user's event before. */
  readonly userVersion: number;
  /** Null for a deletion, and for every event of a user who has been deleted since. */
  readonly payload: UserSnapshot | null;
  /** By the clock of the database. */
  readonly occurredAt: Date;
}

/** Which events to read; all conditions must hold, and null is no condition. */
export interface EventFilter {
  readonly type: UserEventType | null;
  readonly userId: string | null;
}

/** Which part of which feed to read. */
export interface EventQuery {
  readonly filter: EventFilter;
  /** Events at most. */
  readonly limit: number;
  /** Read behind this position; from the oldest event that is kept, or from those to come. */
  readonly after: EventPosition | "oldest" | "now";
}

/** A part of the feed, in its order. */
export interface EventPage {
  readonly items: readonly UserEvent[];
  /** Where to read on; there always is such a place. */
  readonly next: EventPosition;
  /** Whether these are all that there were to read. */
  readonly isAtEnd: boolean;
}

/** The changes of users, for those who follow them. */
export interface UserEventRepository {
  /** Reads events that no change under way can still precede; one statement. Fails with `cursor-expired` where events behind
   * the position have been removed. */
  read(query: EventQuery, context: CallContext): Promise<EventPage>;
  /** Removes events that happened before `time`, but none younger than a day; one statement. Gives how many. */
  deleteBefore(time: Date, context: CallContext): Promise<number>;
}
