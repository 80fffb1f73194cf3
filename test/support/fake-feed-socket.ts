import type { FeedSocket } from "../../events/src/feed/feed-socket.ts";
import type { Subscription } from "../../events/src/feed/subscription.ts";
import type { FeedMessage } from "./feed-client.ts";

/** A socket as the platform holds it: what is kept beside it outlives whoever serves it. */
export interface FakeFeedSocket extends FeedSocket {
  readonly sent: readonly FeedMessage[];
  /** How it was closed; null while it is open. */
  closing(): { readonly code: number; readonly reason: string } | null;
}

export function createFakeFeedSocket(): FakeFeedSocket {
  const sent: FeedMessage[] = [];
  let kept: Subscription | null = null;
  let closing: { readonly code: number; readonly reason: string } | null = null;
  return {
    sent,
    closing: () => closing,
    get subscription() {
      return kept;
    },
    set subscription(subscription) {
      // As the platform does it: what comes out is a copy.
      kept = structuredClone(subscription);
    },
    send(text) {
      if (closing === null) sent.push(JSON.parse(text) as FeedMessage);
    },
    close(code, reason) {
      closing ??= { code, reason };
    },
  };
}
