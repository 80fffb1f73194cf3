import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import {
  decodeFrames,
  encodeFrame,
  OPCODES,
} from "../../tools/cloudflare-emulator/control-plane/tails/websocket-frames.ts";
import { closeServer, listen } from "../../tools/net/listen.ts";

/** Fixed by RFC 6455. */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** A feed of events in all its forms, that breaks off again and again; a cursor is the number of events before it. */
export interface FeedServer {
  readonly origin: string;
  /** What each connection of a WebSocket was told of, connection by connection. */
  readonly received: readonly number[][];
  /** Connections so far, or pages that were asked for. */
  readonly connections: number;
  /** Keys that were shown. */
  readonly apiKeys: ReadonlySet<string>;
  close(): Promise<void>;
}

export interface FeedServerOptions {
  readonly ids: readonly string[];
  /** A stream or WebSocket ends after so many, and a page has as many. */
  readonly atOnce: number;
  /** The first so many connections get 500. */
  readonly refusals: number;
}

export async function startFeedServer({ ids, atOnce, refusals }: FeedServerOptions): Promise<FeedServer> {
  const received: number[][] = [];
  const apiKeys = new Set<string>();
  let connections = 0;
  const isRefused = (request: IncomingMessage): boolean => {
    apiKeys.add(String(request.headers["x-api-key"]));
    return ++connections <= refusals;
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (isRefused(request)) return void response.writeHead(500).end("Internal Server Error");
    const url = new URL(request.url ?? "/", "http://feed");
    if (request.headers.accept === "text/event-stream") return stream(request, response);
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const data = ids.slice(from, from + atOnce).map((id) => ({ id }));
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ data, next_cursor: String(from + data.length) }));
  };
  const stream = ({ headers }: IncomingMessage, response: ServerResponse): void => {
    const from = Number(headers["last-event-id"] ?? 0);
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(`retry: 1000\nid: ${from}\n\n`);
    for (const [place, id] of ids.slice(from, from + atOnce).entries())
      response.write(`id: ${from + place + 1}\nevent: user.created\ndata: ${JSON.stringify({ id })}\n\n`);
    if (from + atOnce >= ids.length) return;
    // What it breaks off in the middle of is no event.
    response.write(`id: 999\nevent: user.created\ndata: {"id":"hal`, () => response.destroy());
  };
  const server = createServer(answer);
  server.on("upgrade", (request, socket: Duplex) => {
    if (isRefused(request)) return void socket.end("HTTP/1.1 500 Internal Server Error\r\n\r\n");
    const from = Number(new URL(request.url ?? "/", "http://feed").searchParams.get("cursor") ?? 0);
    talk(request, socket, { ids: ids.slice(from, from + atOnce), from, isLast: from + atOnce >= ids.length, received });
  });
  const port = await listen(server, { port: 0 });
  return {
    origin: `http://127.0.0.1:${port}`,
    received,
    apiKeys,
    get connections() {
      return connections;
    },
    close: () => closeServer(server),
  };
}

interface Talk {
  readonly ids: readonly string[];
  readonly from: number;
  readonly isLast: boolean;
  readonly received: number[][];
}

/** Sends events, and ends the connection when all are acknowledged, unless they are the last ones. */
function talk({ headers }: IncomingMessage, socket: Duplex, { ids, from, isLast, received }: Talk): void {
  const accept = createHash("sha1").update(`${headers["sec-websocket-key"]}${ACCEPT_SUFFIX}`).digest("base64");
  const own: number[] = [];
  received.push(own);
  const say = (frame: object): void => void socket.write(encodeFrame(OPCODES.text, Buffer.from(JSON.stringify(frame))));
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  say({ cursor: String(from) });
  for (const [place, id] of ids.entries()) say({ cursor: String(from + place + 1), event: { id } });
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    for (const { opcode, payload } of decodeFrames(chunk).frames) {
      if (opcode === OPCODES.close) return void socket.end(encodeFrame(OPCODES.close, payload));
      own.push(Number(Object(JSON.parse(payload.toString())).received));
    }
    if (!isLast && own.at(-1) === ids.length) socket.destroy();
  });
}
