import { Worker } from "node:worker_threads";

import type { DataFolder } from "./data-folder.ts";
import { openDataFolder } from "./data-folder.ts";
import { LocalPostgresError } from "./error.ts";
import type { WorkerInput, WorkerMessage } from "./protocol.ts";

export { LocalPostgresError } from "./error.ts";

export interface LocalPostgresOptions {
  /** Folder that keeps the database between runs; created when missing. */
  readonly dataDir: string;
  /** Throw the database away and start with an empty one. */
  readonly fresh: boolean;
  /** Aborts a start that is no longer wanted. */
  readonly signal?: AbortSignal;
}

export interface LocalPostgres {
  readonly url: string;
  /** Settles only when the database ends without being asked to. */
  readonly failure: Promise<LocalPostgresError>;
  /** Writes everything to disk, closes the port and releases the folder. */
  stop(): Promise<void>;
}

/** How long a clean shutdown may take; the write-ahead log makes the next start safe after a harder one. */
const STOP_TIMEOUT_MS = 5_000;

/**
 * Starts PGlite in a worker thread, reachable on loopback by every PostgreSQL client.
 * @throws LocalPostgresError when the data folder is in use, not writable or from another version
 */
export async function startLocalPostgres({ dataDir, fresh, signal }: LocalPostgresOptions): Promise<LocalPostgres> {
  const folder = openDataFolder(dataDir, fresh);
  try {
    return await startWorker(folder, signal);
  } catch (error) {
    folder.release();
    throw error;
  }
}

async function startWorker(folder: DataFolder, signal: AbortSignal | undefined): Promise<LocalPostgres> {
  const { cluster, draft, isNew } = folder;
  const workerData: WorkerInput = { cluster, draft, isNew };
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData });
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  // Safe at any time: a new cluster is still a draft, and an old one has its write-ahead log.
  const abandon = (): void => void worker.terminate();
  signal?.addEventListener("abort", abandon);
  const address = await waitForAddress(worker, cluster);
  signal?.removeEventListener("abort", abandon);
  let isStopping = false;
  return {
    url: `postgresql://postgres:postgres@${address}/postgres`,
    failure: new Promise((resolve) => {
      worker.once("error", (error) =>
        resolve(new LocalPostgresError(`The local PostgreSQL crashed: ${error.message}`)),
      );
      void exited.then(() => {
        if (!isStopping)
          resolve(new LocalPostgresError("The local PostgreSQL ended unexpectedly; run npm start again."));
      });
    }),
    async stop() {
      isStopping = true;
      worker.postMessage("stop");
      const timer = setTimeout(() => void worker.terminate(), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
      folder.release();
    },
  };
}

function waitForAddress(worker: Worker, cluster: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      reject(
        new LocalPostgresError(
          `The local PostgreSQL in ${cluster} does not start: ${reason}. Start empty with: npm start -- --fresh`,
        ),
      );
    };
    worker.once("error", (error) => fail(error.message));
    worker.once("exit", (code) => fail(`it ended with code ${code}`));
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "listening") resolve(message.address);
      if (message.kind === "failed") fail(message.reason);
    });
  });
}
