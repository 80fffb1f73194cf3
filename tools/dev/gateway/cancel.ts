import { connect } from "node:net";

import type { Client } from "pg";

const CANCEL_REQUEST_CODE = 80_877_102;
const CANCEL_TIMEOUT_MS = 1_000; // A server that does not take it at once is not going to.

/** Sends PostgreSQL's CancelRequest for what `client` is running, over its own connection; best effort, never throws. */
export async function sendCancelRequest(client: Client): Promise<void> {
  const { processID, secretKey }: Client & BackendKey = client;
  if (typeof processID !== "number" || typeof secretKey !== "number") return;
  const packet = Buffer.alloc(16);
  packet.writeInt32BE(packet.length, 0);
  packet.writeInt32BE(CANCEL_REQUEST_CODE, 4);
  packet.writeInt32BE(processID, 8);
  packet.writeInt32BE(secretKey, 12);
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect({ host: client.host, port: client.port, timeout: CANCEL_TIMEOUT_MS });
  socket.on("connect", () => socket.end(packet));
  socket.on("timeout", () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("close", () => resolve());
  socket.resume();
  await promise;
}

/** The two numbers of BackendKeyData, which `pg` keeps on the client without declaring them. */
interface BackendKey {
  readonly processID?: unknown;
  readonly secretKey?: unknown;
}
