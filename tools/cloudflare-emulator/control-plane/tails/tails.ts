import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { passesFilters, type TailFilter } from "./tail-filter.ts";
import { acceptWebSocket, type ServerSocket } from "./websocket.ts";

const TRACE_PROTOCOL = "trace-v1";
const LIFETIME_MS = 6 * 60 * 60 * 1_000; // As Cloudflare's own.
/** Where the WebSockets are, on the port of the API. */
export const TAIL_PREFIX = "/__tail/";

export interface TailRequest {
  readonly scriptName: string;
  readonly filters: readonly TailFilter[];
}

/** Live traces of scripts, as `wrangler tail` follows them. */
export interface Tails {
  create(request: TailRequest): { readonly id: string; readonly path: string; readonly expiresAt: string };
  list(scriptName: string): readonly { readonly id: string; readonly path: string; readonly expiresAt: string }[];
  /** Ends a tail and its connection; false when there is none. */
  remove(id: string): boolean;
  /** Connects the client of a tail; refuses the connection when there is no such tail. */
  upgrade(request: IncomingMessage, stream: Duplex): void;
  close(): void;
}

export interface TailsOptions {
  /** Listens to the events of a script; gives a function that stops it. */
  readonly subscribe: (scriptName: string, listener: (event: object) => void) => () => void;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly random: () => number;
}

interface Tail extends TailRequest {
  readonly id: string;
  readonly expiresAt: string;
  readonly sockets: Set<ServerSocket>;
}

export function createTails({ subscribe, now, newId, random }: TailsOptions): Tails {
  const tails = new Map<string, Tail>();
  const remove = (id: string): boolean => {
    for (const socket of tails.get(id)?.sockets ?? []) socket.close();
    return tails.delete(id);
  };
  const connect = (tail: Tail, request: IncomingMessage, stream: Duplex): void => {
    const unsubscribe = subscribe(tail.scriptName, (event) => {
      if (passesFilters(event, tail.filters, random)) socket.sendBinary(Buffer.from(JSON.stringify(event)));
    });
    const onClose = (): void => {
      unsubscribe();
      tail.sockets.delete(socket);
    };
    const socket = acceptWebSocket(request, stream, { protocol: TRACE_PROTOCOL, onClose });
    tail.sockets.add(socket);
  };
  return {
    create(wanted) {
      const id = newId();
      const expiresAt = new Date(now().getTime() + LIFETIME_MS).toISOString();
      const tail = { ...wanted, id, expiresAt, sockets: new Set<ServerSocket>() };
      tails.set(id, tail);
      return describe(tail);
    },
    list: (scriptName) => [...tails.values()].filter((tail) => tail.scriptName === scriptName).map(describe),
    remove,
    upgrade(request, stream) {
      const tail = tails.get((request.url ?? "").slice(TAIL_PREFIX.length));
      const isWanted =
        tail !== undefined && request.headers["sec-websocket-protocol"]?.includes(TRACE_PROTOCOL) === true;
      if (isWanted) connect(tail, request, stream);
      else stream.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    },
    close() {
      for (const id of tails.keys()) remove(id);
    },
  };
}

function describe({ id, expiresAt }: Tail) {
  return { id, path: `${TAIL_PREFIX}${id}`, expiresAt };
}
