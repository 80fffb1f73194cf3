import type { CallContext } from "../models/call-context.ts";
import type { EventPage, EventQuery, UserEventRepository } from "../models/user-event.ts";

/** What can be done with the changes of users. */
export interface UserEventService {
  /** Reads a part of the feed. Fails with `cursor-expired`. */
  read(query: EventQuery, context: CallContext): Promise<EventPage>;
}

export function createUserEventService({ events }: { readonly events: UserEventRepository }): UserEventService {
  return { read: (query, context) => events.read(query, context) };
}
