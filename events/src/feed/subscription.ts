import type { EventFilter, EventPage, EventPosition, UserEvent } from "../../../src/models/user-event.ts";

/**
 * What the feed knows of a socket. It is kept beside the socket itself, so that it outlives an object that hibernates, and has room
 * there: 2 KiB.
 */
export interface Subscription {
  /** Of the request that opened it. */
  readonly requestId: string;
  readonly filter: EventFilter;
  /** What has been sent reaches to here. */
  readonly position: EventPosition;
  /** Events that were sent, and how many of them the client says it has. */
  readonly sent: number;
  readonly received: number;
  /** Whether there may be more behind the position than was read. */
  readonly isBehind: boolean;
  /** Milliseconds since 1970; so are all other times. */
  readonly openedAt: number;
  readonly lastSentAt: number;
  /** Since when nothing more may be sent; null while there is room. */
  readonly fullSince: number | null;
  /** Reads that have failed in a row, and when the next one may be made. */
  readonly failures: number;
  readonly retryAt: number;
}

/** So many events may be on their way to a client, and no more: that is all that is ever held for it. */
export const WINDOW = 256;

/** So many failed reads in a row are no trouble of a moment any more. */
export const MAX_FAILURES = 5;
const MIN_PAUSE_MS = 500;
const MAX_PAUSE_MS = 10_000;

export function subscribe(
  { requestId, filter, position }: Pick<Subscription, "requestId" | "filter" | "position">,
  now: number,
): Subscription {
  const counts = { sent: 0, received: 0, failures: 0, retryAt: 0 };
  return { requestId, filter, position, ...counts, isBehind: true, openedAt: now, lastSentAt: now, fullSince: null };
}

/** How many events may be sent now. */
export function roomOf({ sent, received }: Subscription): number {
  return WINDOW - (sent - received);
}

/** Whether the feed is to be read for it. */
export function isDue(subscription: Subscription, now: number): boolean {
  return subscription.isBehind && subscription.retryAt <= now && roomOf(subscription) > 0;
}

/** Takes as much of a page as there is room for: what is to be sent, and what is known then. */
export function takePage(
  subscription: Subscription,
  { items, next, isAtEnd }: EventPage,
  now: number,
): { readonly items: readonly UserEvent[]; readonly subscription: Subscription } {
  const taken = items.slice(0, roomOf(subscription));
  const isWhole = taken.length === items.length;
  const sent = subscription.sent + taken.length;
  const after = {
    ...subscription,
    sent,
    position: placeOf(isWhole ? next : (taken.at(-1) ?? subscription.position)),
    isBehind: !isWhole || !isAtEnd,
    lastSentAt: taken.length > 0 ? now : subscription.lastSentAt,
    failures: 0,
    retryAt: 0,
  };
  return { items: taken, subscription: { ...after, fullSince: roomOf(after) > 0 ? null : now } };
}

/** Null when the client says what cannot be: more than was sent, or less than before. */
export function acknowledge(subscription: Subscription, received: number): Subscription | null {
  if (received < subscription.received || received > subscription.sent) return null;
  const after = { ...subscription, received };
  return { ...after, fullSince: roomOf(after) > 0 ? null : subscription.fullSince };
}

/** A read has failed: the next one waits, twice as long each time. */
export function noteFailure(subscription: Subscription, now: number): Subscription {
  const failures = subscription.failures + 1;
  const pauseMs = Math.min(MIN_PAUSE_MS * 2 ** (failures - 1), MAX_PAUSE_MS);
  return { ...subscription, failures, retryAt: now + pauseMs };
}

/** An event is a position with much beside it, which is not kept. */
function placeOf({ stamp, position }: EventPosition): EventPosition {
  return { stamp, position };
}
