import type { UserEvent, UserEventType, UserSnapshot } from "./user-event.ts";

/** An event as others see it, by whichever way they follow: in the feed, in a stream, and in a webhook. */
export interface UserEventBody {
  /** UUID version 7. */
  readonly id: string;
  readonly type: UserEventType;
  /** RFC 3339, UTC. */
  readonly occurred_at: string;
  readonly user_id: string;
  readonly user_version: number;
  readonly user: UserSnapshot | null;
}

export function toEventBody(event: UserEvent): UserEventBody {
  const { eventId, type, occurredAt, userId, userVersion, payload } = event;
  return {
    id: eventId,
    type,
    occurred_at: occurredAt.toISOString(),
    user_id: userId,
    user_version: userVersion,
    user: payload,
  };
}
