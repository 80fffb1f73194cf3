import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import { isLease, type Lease } from "../routing/dispatch.ts";
import { forwardUpgrade } from "./forward-upgrade.ts";
import { forward } from "./forward.ts";
import { addEdgeHeaders, MAX_HEADER_SIZE, type RawHeaders } from "./headers.ts";
import { type Refusal, refuseUpgrade, sendRefusal } from "./refusal.ts";

export const SERVER_OPTIONS: ServerOptions = {
  // Clients close their idle connections earlier, so that none of them meets one that we are closing.
  keepAliveTimeout: 75_000,
  // An upload may take as long as it wants.
  requestTimeout: 0,
  maxHeaderSize: MAX_HEADER_SIZE,
};

/** What is done with the requests of a server. */
export interface RequestHandling {
  /** Picks the process that answers. */
  readonly lease: (request: IncomingMessage) => Promise<Lease | Refusal>;
  readonly toVersionHeaders: (request: IncomingMessage, ray: string) => RawHeaders;
  readonly toClientHeaders: (ray: string) => RawHeaders;
  /** Whether answers are compressed for those who accept it. */
  readonly isCompressing: boolean;
  /** Told of every request that gets to a version. */
  readonly onRequest: (lease: Lease) => void;
  /** Told of the end of each of them: with the status of its answer, or null when none came. */
  readonly onAnswer: (lease: Lease, status: number | null) => void;
}

/** A server for clients, as Cloudflare's edge is one. */
export function createEdgeServer(handling: Pick<RequestHandling, "lease" | "onRequest" | "onAnswer">): Server {
  const edge: RequestHandling = {
    ...handling,
    toVersionHeaders: ({ rawHeaders, socket }, ray) =>
      addEdgeHeaders(rawHeaders, { clientAddress: socket.remoteAddress ?? "", ray }),
    toClientHeaders: (ray) => ["CF-Ray", ray],
    isCompressing: true,
  };
  const server = createServer(SERVER_OPTIONS, (request, response) => void handleRequest(request, response, edge));
  server.on("upgrade", (request, socket: Duplex, head: Buffer) => void handleUpgrade(request, socket, head, edge));
  return server;
}

/** Never rejects. */
export async function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  handling: RequestHandling,
): Promise<void> {
  const lease = await handling.lease(request);
  if (!isLease(lease)) {
    request.resume();
    return sendRefusal(response, lease);
  }
  // The client may have left while a version started.
  if (response.destroyed) return lease.end();
  handling.onRequest(lease);
  forward(request, response, toForwarding(request, lease, handling));
}

/** Never rejects. */
export async function handleUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  handling: RequestHandling,
): Promise<void> {
  // Without a listener, a client that leaves now would end this process.
  socket.on("error", () => socket.destroy());
  const lease = await handling.lease(request);
  if (!isLease(lease)) return refuseUpgrade(socket, lease);
  if (socket.destroyed) return lease.end();
  handling.onRequest(lease);
  forwardUpgrade(request, socket, head, toForwarding(request, lease, handling));
}

function toForwarding(request: IncomingMessage, lease: Lease, handling: RequestHandling) {
  const ray = `${randomBytes(8).toString("hex")}-EMU`;
  return {
    process: lease.process,
    headers: handling.toVersionHeaders(request, ray),
    responseHeaders: handling.toClientHeaders(ray),
    acceptEncoding: handling.isCompressing ? (request.headers["accept-encoding"]?.toString() ?? null) : null,
    onDone(status: number | null) {
      handling.onAnswer(lease, status);
      lease.end();
    },
  };
}
