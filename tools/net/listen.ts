import type { Server as HttpServer } from "node:http";
import { createServer, type ListenOptions, type Server } from "node:net";

const HOST = "127.0.0.1";
/** A thousand clients may connect in the same millisecond; the kernel clips it to its own limit. */
export const BACKLOG = 4_096;

/** Listens on loopback, on any free port when it is 0; gives the port. Rejects when it is taken. */
export async function listen(server: Server, options: ListenOptions): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ host: HOST, backlog: BACKLOG, ...options }, resolve);
  await promise;
  server.off("error", reject);
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Closes the port and, of an HTTP server, all connections; resolves when nothing is left of it. */
export async function closeServer(server: Server | HttpServer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  if ("closeAllConnections" in server) server.closeAllConnections();
  await promise;
}

/** A port of loopback that nobody listens on just now. */
export async function findFreePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe, { port: 0 });
  await closeServer(probe);
  return port;
}
