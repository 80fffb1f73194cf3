import type { ListenOptions, Server } from "node:net";

const HOST = "127.0.0.1";
/** A thousand clients may connect in the same millisecond; the kernel clips it to its own limit. */
const BACKLOG = 4_096;

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
