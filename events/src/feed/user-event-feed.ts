import { DurableObject } from "cloudflare:workers";

import { parseConfig } from "../config.ts";
import { createFeedParts, type FeedBindings, type FeedParts } from "../feed-dependencies.ts";
import type { FeedSocket } from "./feed-socket.ts";
import { createFeed, type Feed } from "./feed.ts";
import { readOpenRequest, refuse } from "./open-socket.ts";
import { PING, PONG } from "./protocol.ts";
import { subscribe, type Subscription } from "./subscription.ts";

/** What an object serves at most: each may have a window of events on its way. */
const MAX_SOCKETS = 256;

/**
 * Serves a share of the sockets, and sleeps between two events of theirs while the platform holds them. All that it knows of a socket is
 * beside the socket; memory and storage have nothing that is missed.
 */
export class UserEventFeed extends DurableObject<FeedBindings> {
  readonly #parts: FeedParts;
  readonly #feed: Feed;
  /** What was asked for last; unknown after a sleep. */
  #alarmAt: number | null | undefined;
  /** Sockets that are about to be there. */
  #opening = 0;

  constructor(state: DurableObjectState, env: FeedBindings) {
    super(state, env);
    this.#parts = createFeedParts(parseConfig({ ...env }), env);
    this.#feed = createFeed({
      ...this.#parts,
      sockets: () => state.getWebSockets().map(toFeedSocket),
      setAlarm: (at) => this.#setAlarm(at),
    });
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  /** Only the Worker's own entrypoint calls this: {@link readOpenRequest} says what it asks. */
  override async fetch(request: Request): Promise<Response> {
    const { cursors, clock, directory, socketsPerCaller } = this.#parts;
    const { cursor, callerKey, name, ...start } = await readOpenRequest(request.url, cursors);
    this.#opening += 1;
    // Whoever nudges from here on is told that somebody is there; what happened before is read.
    await directory.note(name).finally(() => (this.#opening -= 1));
    if (this.#count(callerKey) >= socketsPerCaller) return refuse(429);
    if (this.#count() >= MAX_SOCKETS) return refuse(503);
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [callerKey]);
    this.#feed.open(toFeedSocket(server), subscribe(start, clock()), cursor);
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Gives whether it has sockets. */
  nudge(): boolean {
    return this.#feed.nudge() || this.#opening > 0;
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#feed.hear(toFeedSocket(socket), message);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#feed.leave(toFeedSocket(socket));
  }

  override webSocketError(socket: WebSocket): void {
    this.#feed.leave(toFeedSocket(socket));
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    await this.#feed.wake();
  }

  #count(tag?: string): number {
    return this.ctx.getWebSockets(tag).filter((socket) => toFeedSocket(socket).subscription !== null).length;
  }

  async #setAlarm(at: number | null): Promise<void> {
    if (at === this.#alarmAt) return;
    this.#alarmAt = at;
    if (at === null) await this.ctx.storage.deleteAlarm();
    else await this.ctx.storage.setAlarm(at);
  }
}

function toFeedSocket(socket: WebSocket): FeedSocket {
  return {
    get subscription() {
      return socket.deserializeAttachment() as Subscription | null;
    },
    set subscription(subscription) {
      socket.serializeAttachment(subscription);
    },
    send: (text) => attempt(() => socket.send(text)),
    close: (code, reason) => attempt(() => socket.close(code, reason)),
  };
}

/** A socket that is closed throws; its end is told by itself. */
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // See above.
  }
}
