import { isDue, roomOf, type Subscription } from "./subscription.ts";

export interface FeedLimits {
  /** How long a socket may be open; so are the others in milliseconds. */
  readonly socketMs: number;
  /** How long a client may leave a full window as it is. */
  readonly patienceMs: number;
  /** Between two looks at the feed that nobody has asked for. */
  readonly heartbeatMs: number;
}

/** When its time is over, if it is: an end that needs nobody to look at the feed. */
export function findEnd(
  { openedAt, fullSince }: Subscription,
  now: number,
  { socketMs, patienceMs }: FeedLimits,
): "finished" | "reader_too_slow" | null {
  if (fullSince !== null && now >= fullSince + patienceMs) return "reader_too_slow";
  return now >= openedAt + socketMs ? "finished" : null;
}

/** A heartbeat may come a little before its time: ticks are as punctual as alarms are. */
const SLACK = 0.1;

/** Whether a client that has room has heard nothing for so long that it is told where it stands. */
export function isSilent(subscription: Subscription, now: number, { heartbeatMs }: FeedLimits): boolean {
  return roomOf(subscription) > 0 && now - subscription.lastSentAt >= heartbeatMs * (1 - SLACK);
}

/** The beats are those of the clock, so that nobody has to remember when the last one was. */
export function isBeat(from: number, now: number, { heartbeatMs }: FeedLimits): boolean {
  return Math.floor(now / heartbeatMs) > Math.floor(from / heartbeatMs);
}

/** When the next thing is to be done without being asked to; null when nobody is there. */
export function nextAlarm(
  subscriptions: readonly Subscription[],
  now: number,
  limits: FeedLimits,
  lookAgainAt: number | null,
): number | null {
  if (subscriptions.length === 0) return null;
  const beat = (Math.floor(now / limits.heartbeatMs) + 1) * limits.heartbeatMs;
  const times = subscriptions.flatMap((one) => [
    one.openedAt + limits.socketMs,
    ...(one.fullSince === null ? [] : [one.fullSince + limits.patienceMs]),
    ...(one.isBehind && roomOf(one) > 0 ? [isDue(one, now) ? now : one.retryAt] : []),
  ]);
  return Math.max(now, Math.min(beat, lookAgainAt ?? beat, ...times));
}

/** After a nudge. What it was about may be held back by a transaction under way, and most of these are over soon. */
const PAUSES_MS = [100, 300, 1_000, 3_000] as const;
const AFTER_SUCCESS = 2;

/** When to look again after a nudge. Forgotten with the object's memory: then the next beat finds what there is. */
export class LookAgain {
  #at: number | null = null;
  #step = 0;

  get at(): number | null {
    return this.#at;
  }

  /** A nudge was followed; `hasFound` says whether there was anything, which need not be what it was about. */
  afterNudge(hasFound: boolean, now: number): void {
    const step = hasFound ? AFTER_SUCCESS : 0;
    const at = now + PAUSES_MS[step];
    // Not later than it was: nudge upon nudge, it would never come.
    if (this.#at !== null && this.#at > now && this.#at <= at) return;
    [this.#step, this.#at] = [step, at];
  }

  /** Whether it is time; the next time is longer away. */
  take(now: number): boolean {
    if (this.#at === null || this.#at > now) return false;
    this.#step += 1;
    const pauseMs = PAUSES_MS[this.#step];
    this.#at = pauseMs === undefined ? null : now + pauseMs;
    return true;
  }
}
