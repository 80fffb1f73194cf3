import { once } from "node:events";

import type { UserEventBody } from "../../src/models/user-event-body.ts";

/** One message of the feed. */
export interface FeedMessage {
  readonly cursor: string;
  /** Absent where nothing has happened. */
  readonly event?: UserEventBody;
}

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** A client of the feed's WebSocket. */
export interface FeedClient {
  /** All messages so far. */
  readonly messages: readonly FeedMessage[];
  /** Events among them. */
  readonly events: () => UserEventBody[];
  /** Where one would come again. */
  readonly cursor: () => string;
  /** Waits until so many events have arrived; fails when the socket is closed before. */
  takeEvents(count: number): Promise<readonly UserEventBody[]>;
  say(text: string | Uint8Array<ArrayBuffer>): void;
  /** Says that all events so far have arrived. */
  acknowledge(): void;
  /** Settles when the other side, or this one, has closed it. */
  readonly closed: Promise<Closing>;
  close(): Promise<Closing>;
}

export interface FeedClientOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether each event is acknowledged as it comes; true when absent. */
  readonly acknowledges?: boolean;
}

const FEED = "/api/v1/users/events";

/** Opens a WebSocket at the feed, and waits for its first message; rejects when the upgrade is refused. */
export async function openFeed(origin: URL, query = "", options: FeedClientOptions = {}): Promise<FeedClient> {
  const { headers = {}, acknowledges = true } = options;
  const url = new URL(`${FEED}?${query}`, origin);
  url.protocol = "ws:";
  // Node's own takes headers, which browsers' do not.
  const socket = new WebSocket(url, { headers } as unknown as string[]);
  const messages: FeedMessage[] = [];
  const events = () => messages.flatMap(({ event }) => (event === undefined ? [] : [event]));
  const acknowledge = () => socket.send(JSON.stringify({ received: events().length }));
  const changes = new EventTarget();
  socket.addEventListener("message", ({ data }) => {
    if (data === "pong") return;
    const message = JSON.parse(String(data)) as FeedMessage;
    messages.push(message);
    if (acknowledges && message.event !== undefined) acknowledge();
    changes.dispatchEvent(new Event("change"));
  });
  const closed = new Promise<Closing>((resolve) => {
    socket.addEventListener("close", ({ code, reason }) => {
      resolve({ code, reason });
      changes.dispatchEvent(new Event("change"));
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("the upgrade is refused")));
  });
  if (messages.length === 0) await once(changes, "change");
  return {
    messages,
    events,
    cursor: () => messages.at(-1)?.cursor ?? "",
    async takeEvents(count) {
      while (events().length < count) {
        if (socket.readyState >= WebSocket.CLOSING)
          throw new Error(`the socket ended after ${events().length} of ${count} events`);
        await once(changes, "change");
      }
      return events();
    },
    say: (text) => socket.send(text),
    acknowledge,
    closed,
    async close() {
      socket.close(1000);
      return await closed;
    },
  };
}
