import type { Server as HttpServer } from "node:http";
import { createServer, type Server } from "node:net";

import { closeServer, listen } from "../../../net/listen.ts";

/**
 * Node accepts one connection of a listening socket in each turn of its event loop (libuv's `uv__server_io`). On a machine
 * without room a turn takes half a second, so that connections come faster than they are accepted, and clients wait in the
 * kernel's queue until they give up: nobody is answered any more, even long after there is room again. With several sockets
 * on one port, each turn accepts as many.
 */
const QUEUES = 16;

/**
 * Sockets that share a port would let another process of the same user share it as well. This one, on the next
 * address of loopback, cannot be shared: whoever has it has the port.
 */
const GUARD_HOST = "127.0.0.2";

const others = new WeakMap<HttpServer, readonly Server[]>();

/** A port that is free on the guard's address may be taken on ours. */
const MAX_ATTEMPTS = 20;

/**
 * Listens on loopback with several queues, where the system shares connections out among them, on any free port when it is 0; gives the
 * port. Rejects when it is taken.
 */
export async function listenWide(server: HttpServer, port: number): Promise<number> {
  // Elsewhere a second socket would take the port over, or get nothing.
  if (process.platform !== "linux") return await listen(server, { port });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listenOnQueues(server, port);
    } catch (error) {
      if (port !== 0 || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

async function listenOnQueues(server: HttpServer, port: number): Promise<number> {
  const guard = createServer((socket) => socket.destroy());
  const reserved = await listen(guard, { port, host: GUARD_HOST });
  const opened = [guard];
  try {
    await listen(server, { port: reserved, reusePort: true });
    for (let count = 1; count < QUEUES; count += 1) {
      const queue = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit("connection", socket));
      await listen(queue, { port: reserved, reusePort: true });
      opened.push(queue);
    }
  } catch (error) {
    for (const each of opened) each.close();
    server.close();
    throw error;
  }
  others.set(server, opened);
  return reserved;
}

/** The same on the wanted port if it is free, else on any. */
export async function listenPreferably(server: HttpServer, port: number): Promise<number> {
  return await listenWide(server, port).catch(() => listenWide(server, 0));
}

/** Closes the port with all its queues, and all connections. */
export async function closeWide(server: HttpServer): Promise<void> {
  for (const queue of others.get(server) ?? []) queue.close();
  await closeServer(server);
}
