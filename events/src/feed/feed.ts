import { singleFlight } from "../services/single-flight.ts";
import { endSocket, type FeedSocket, subscribed } from "./feed-socket.ts";
import { endOverdue, followAll, type FollowOptions, tellSilent } from "./follow.ts";
import { cursorFrame, readAcknowledgement } from "./protocol.ts";
import { isBeat, LookAgain, nextAlarm } from "./schedule.ts";
import { acknowledge, roomOf, type Subscription, WINDOW } from "./subscription.ts";

export interface FeedOptions extends FollowOptions {
  /** Asks for `wake` at a time; null for never. */
  readonly setAlarm: (at: number | null) => Promise<void>;
}

/**
 * The change feed for clients that hold a socket open. It remembers nothing that it could not do without, for the platform takes
 * an object's memory away between two events: what is known of a client stands beside the client's socket.
 */
export interface Feed {
  /** A new client, which is told where it begins. None of these but `wake` waits for what follows from it. */
  open(socket: FeedSocket, subscription: Subscription, cursor: string): void;
  hear(socket: FeedSocket, message: string | ArrayBuffer): void;
  /** A client that has gone by itself. */
  leave(socket: FeedSocket): void;
  /** Somebody has changed something; gives whether anybody wants to know. */
  nudge(): boolean;
  /** The time that was asked for has come. */
  wake(): Promise<void>;
}

/** Clients may acknowledge each event: one read for each would be too many. The next beat uses what room there is. */
const ROOM_WORTH_A_READ = WINDOW / 4;
/** A look that takes longer was ended by the platform: then another one may begin. */
const LOOK_MAX_MS = 60_000;

export function createFeed(options: FeedOptions): Feed {
  const { sockets, clock, observer } = options;
  const looks = createLooks(options);
  const lookSoon = (): void => void looks.look().catch((error: unknown) => observer.onInterrupted(error));
  return {
    open(socket, subscription, cursor) {
      socket.subscription = subscription;
      socket.send(cursorFrame(cursor));
      observer.onOpened(subscription);
      lookSoon();
    },
    hear(socket, message) {
      const { subscription } = socket;
      if (subscription === null) return;
      const received = readAcknowledgement(message);
      const after = received === null ? null : acknowledge(subscription, received);
      if (after === null) return endSocket(socket, "reader_unclear", clock(), observer);
      socket.subscription = after;
      if (after.isBehind && roomOf(after) >= ROOM_WORTH_A_READ) lookSoon();
    },
    leave(socket) {
      endSocket(socket, "reader_left", clock(), observer);
      if (subscribed(sockets()).length === 0) lookSoon();
    },
    nudge() {
      const hasSockets = subscribed(sockets()).length > 0;
      if (hasSockets) {
        looks.want("nudged");
        lookSoon();
      }
      return hasSockets;
    },
    async wake() {
      looks.wake();
      await looks.look();
    },
  };
}

/** One look at the feed at a time, for all who may be behind; it is made once more when that is wanted meanwhile. */
function createLooks(options: FeedOptions) {
  const { sockets, limits, clock, setAlarm } = options;
  const again = new LookAgain();
  /** Who is behind: those of whom it is known, or everybody, because of a nudge or because it is time. */
  let wanted: "known" | "nudged" | "all" = "known";
  let lastBeatAt: number | null = null;
  const want = (what: "nudged" | "all"): void => {
    if (wanted !== "nudged") wanted = what;
  };
  return {
    want,
    wake() {
      const now = clock();
      const isTime = again.take(now);
      if (!isTime && lastBeatAt !== null && !isBeat(lastBeatAt, now, limits)) return;
      lastBeatAt = now;
      want("all");
    },
    look: singleFlight({
      async work() {
        const why = wanted;
        wanted = "known";
        endOverdue(options);
        if (why !== "known") markBehind(sockets());
        const hasFound = await followAll(options);
        if (why === "nudged") again.afterNudge(hasFound, clock());
        await tellSilent(options);
        const subscriptions = subscribed(sockets()).map(([, one]) => one);
        await setAlarm(nextAlarm(subscriptions, clock(), limits, again.at));
      },
      clock,
      maxMs: LOOK_MAX_MS,
    }),
  };
}

function markBehind(sockets: readonly FeedSocket[]): void {
  for (const [socket, one] of subscribed(sockets)) socket.subscription = { ...one, isBehind: true };
}
