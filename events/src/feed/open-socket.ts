import type { EventCursorCodec } from "../../../src/http/user-events/cursor.ts";
import { type EventFilter, USER_EVENT_TYPES } from "../../../src/models/user-event.ts";
import { describeError, type Logger } from "../../../src/observability/logger.ts";
import type { Subscription } from "./subscription.ts";

/** What an object has to know of a socket, besides where it begins. */
export type OpenRequest = Pick<Subscription, "requestId" | "filter" | "position"> & {
  /** Sockets of one caller have the same; it says nothing about who that is. */
  readonly callerKey: string;
  readonly cursor: string;
  /** Of the object that is asked. */
  readonly name: string;
};

/** The objects that serve sockets, as far as they are used here. */
export interface FeedObjects {
  fetch(name: string, request: Request): Promise<Response>;
}

export interface SocketOpenerOptions {
  readonly cursors: EventCursorCodec;
  readonly feeds: FeedObjects;
  readonly logger: Logger;
}

/**
 * So many objects share the sockets, each of which has its own thread. More is one release away, and so are fewer: sockets end with
 * every release, and nothing else is kept in an object.
 */
const OBJECTS = 4;

/** Answers what the API asks: 101 with a socket, 429 when the caller has too many, 503 when there can be none. */
export function createSocketOpener({ cursors, feeds, logger }: SocketOpenerOptions) {
  return async (request: Request): Promise<Response> => {
    const query = new URL(request.url).searchParams;
    const requestId = query.get("request_id") ?? "";
    try {
      await readStart(query, cursors);
    } catch (error) {
      // Only the API asks, and it makes the cursor: the two of them have different secrets.
      logger.log("error", "event_sockets_misconfigured", { request_id: requestId, error: describeError(error) });
      return refuse(503);
    }
    try {
      const callerKey = await digest(query.get("caller") ?? "");
      const url = new URL(request.url);
      url.searchParams.set("caller", callerKey);
      const name = `feed-${Number.parseInt(callerKey.slice(0, 8), 16) % OBJECTS}`;
      url.searchParams.set("feed", name);
      return await feeds.fetch(name, new Request(url, request));
    } catch (error) {
      logger.log("error", "event_socket_failed", { request_id: requestId, error: describeError(error) });
      return refuse(503);
    }
  };
}

/** The same in the object, where the caller is a key. */
export async function readOpenRequest(url: string, cursors: EventCursorCodec): Promise<OpenRequest> {
  const query = new URL(url).searchParams;
  const start = await readStart(query, cursors);
  const [requestId, callerKey, name] = ["request_id", "caller", "feed"].map((key) => query.get(key) ?? "");
  return { ...start, requestId: requestId ?? "", callerKey: callerKey ?? "", name: name ?? "" };
}

/** No body: whoever asks says it in his own words. */
export function refuse(status: 429 | 503): Response {
  return new Response(null, { status });
}

async function readStart(query: URLSearchParams, cursors: EventCursorCodec) {
  const type = USER_EVENT_TYPES.find((known) => known === query.get("type")) ?? null;
  const filter: EventFilter = { type, userId: query.get("user_id") || null };
  const cursor = query.get("cursor") ?? "";
  return { filter, cursor, position: await cursors.decode(cursor, filter) };
}

/** Callers are named by operators and identity providers, at any length. */
async function digest(caller: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(caller));
  return Array.from(new Uint8Array(hash, 0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
