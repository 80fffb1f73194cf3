import type { CallContext } from "../models/call-context.ts";
import type { EventPage, EventQuery, UserEventRepository } from "../models/user-event.ts";
import { followEvents, type Follower, type FollowOptions } from "./follow-events.ts";

/** What can be done with the changes of users. */
export interface UserEventService {
  /** Reads a part of the feed. Fails with `cursor-expired`. */
  read(query: EventQuery, context: CallContext): Promise<EventPage>;
  /** Reads the feed on and on, each time in a context of its own; gives empty pages too. Fails as `read` does. */
  follow(follower: Omit<Follower, "read">, newContext: () => CallContext): AsyncIterable<EventPage>;
}

export interface UserEventServiceOptions extends FollowOptions {
  readonly events: Pick<UserEventRepository, "read">;
}

export function createUserEventService({ events, ...options }: UserEventServiceOptions): UserEventService {
  return {
    read: (query, context) => events.read(query, context),
    follow: (follower, newContext) =>
      followEvents({ ...follower, read: (query) => events.read(query, newContext()) }, options),
  };
}
