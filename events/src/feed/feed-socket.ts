import { CLOSINGS, type SocketEnd } from "./protocol.ts";
import type { Subscription } from "./subscription.ts";

/** A client of the feed: the platform's socket, or a fake. */
export interface FeedSocket {
  /** Kept beside the socket, whatever becomes of the object; null once it is over. */
  subscription: Subscription | null;
  /** Both do nothing for a client that is gone. */
  send(text: string): void;
  close(code: number, reason: string): void;
}

/** Told of what happens to sockets, for the log. */
export interface FeedObserver {
  onOpened(subscription: Subscription): void;
  onEnded(subscription: Subscription, end: SocketEnd, now: number): void;
  /** The feed could not be read, for some of the sockets. */
  onInterrupted(error: unknown): void;
}

/** Ends a socket, once. */
export function endSocket(socket: FeedSocket, end: SocketEnd, now: number, observer: FeedObserver): void {
  const { subscription } = socket;
  if (subscription === null) return;
  socket.subscription = null;
  socket.close(CLOSINGS[end].code, CLOSINGS[end].reason);
  observer.onEnded(subscription, end, now);
}

/** Those that are not over, each with what is known of it now. */
export function subscribed(sockets: readonly FeedSocket[]): (readonly [FeedSocket, Subscription])[] {
  return sockets.flatMap((socket) => {
    const { subscription } = socket;
    return subscription === null ? [] : [[socket, subscription] as const];
  });
}
