import { AppError } from "../../../src/models/errors.ts";
import { endSocket, type FeedObserver, type FeedSocket, subscribed } from "./feed-socket.ts";
import { cursorFrame } from "./protocol.ts";
import { type FeedLimits, findEnd, isSilent } from "./schedule.ts";
import { type FramedPage, type Group, groupSockets, readFor, type SharedReadOptions } from "./shared-reads.ts";
import { isDue, MAX_FAILURES, noteFailure, takePage } from "./subscription.ts";

export interface FollowOptions extends SharedReadOptions {
  /** Those that are open, and perhaps some that are over. */
  readonly sockets: () => readonly FeedSocket[];
  readonly limits: FeedLimits;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly observer: FeedObserver;
}

/** Reads at the same time: the platform opens six connections at once. */
const PARALLEL_READS = 4;

/** Reads and sends until nobody is behind who has room; gives whether there was anything. Never fails. */
export async function followAll(options: FollowOptions): Promise<boolean> {
  let hasFound = false;
  for (;;) {
    const now = options.clock();
    const due = subscribed(options.sockets()).flatMap(([socket, one]) => (isDue(one, now) ? [socket] : []));
    if (due.length === 0) return hasFound;
    const groups = groupSockets(due).slice(0, PARALLEL_READS);
    const found = await Promise.all(groups.map((group) => followGroup(group, options)));
    hasFound ||= found.includes(true);
  }
}

async function followGroup(group: Group, options: FollowOptions): Promise<boolean> {
  try {
    const framed = await readFor(group, options);
    for (const socket of group.sockets) deliver(socket, framed, options);
    return framed.page.items.length > 0;
  } catch (error) {
    for (const socket of group.sockets) fail(socket, error, options);
    options.observer.onInterrupted(error);
    return false;
  }
}

/** While the feed was read, the client may have left, or acknowledged more. */
function deliver(socket: FeedSocket, { page, frames }: FramedPage, { clock }: FollowOptions): void {
  const { subscription } = socket;
  if (subscription === null) return;
  const taken = takePage(subscription, page, clock());
  socket.subscription = taken.subscription;
  for (const frame of frames.slice(0, taken.items.length)) socket.send(frame);
}

function fail(socket: FeedSocket, error: unknown, { clock, observer }: FollowOptions): void {
  const { subscription } = socket;
  if (subscription === null) return;
  if (error instanceof AppError && error.code === "cursor-expired")
    return endSocket(socket, "cursor_expired", clock(), observer);
  const failed = noteFailure(subscription, clock());
  socket.subscription = failed;
  if (failed.failures >= MAX_FAILURES) endSocket(socket, "database_failed", clock(), observer);
}

/** Tells those that have heard nothing for long where they stand: it shows that both ends are there. */
export async function tellSilent({ sockets, clock, limits, cursors }: FollowOptions): Promise<void> {
  for (const [socket, one] of subscribed(sockets())) {
    if (!isSilent(one, clock(), limits)) continue;
    const cursor = await cursors.encode(one.position, one.filter);
    const { subscription } = socket;
    if (subscription === null) continue;
    socket.subscription = { ...subscription, lastSentAt: clock() };
    socket.send(cursorFrame(cursor));
  }
}

/** Ends those whose time is over. */
export function endOverdue({ sockets, clock, limits, observer }: FollowOptions): void {
  for (const [socket, one] of subscribed(sockets())) {
    const end = findEnd(one, clock(), limits);
    if (end !== null) endSocket(socket, end, clock(), observer);
  }
}
