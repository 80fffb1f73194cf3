// Runs in a worker thread: PGlite computes synchronously and would hold up everything else on the main thread.
import { renameSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

import { createCluster } from "./cluster.ts";
import type { WorkerInput, WorkerMessage } from "./protocol.ts";
import { SharedPGlite } from "./shared-session.ts";

/** More than any local tool opens; the server answers one above it with bytes that no driver understands. */
const MAX_CONNECTIONS = 200;

const input: WorkerInput = workerData;
const send = (message: WorkerMessage): void => parentPort?.postMessage(message);

try {
  if (input.isNew) {
    await createCluster(input.draft);
    renameSync(input.draft, input.cluster);
  }
  const db = new SharedPGlite(input.cluster);
  await db.waitReady;
  const server = new PGLiteSocketServer({ db, host: "127.0.0.1", port: 0, maxConnections: MAX_CONNECTIONS });
  await server.start();
  parentPort?.once("message", () => void stop(db, server));
  send({ kind: "listening", address: server.getServerConn() });
} catch (error) {
  send({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
  parentPort?.close();
}

async function stop(db: SharedPGlite, server: PGLiteSocketServer): Promise<void> {
  await server.stop();
  await db.close();
  send({ kind: "stopped" });
  parentPort?.close();
}
