import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";

/** What the Workers of one `npm start` keep between runs: feature flags, and what telemetry has counted. */
export interface WorkerState {
  /** For wrangler's `--persist-to`. */
  readonly persistTo: string;
  /** The folder in it that wrangler and Miniflare use. */
  readonly folder: string;
}

/** Named by the API's port, because two of them may share a data folder. */
export function workerState(dataDir: string, apiPort: number): WorkerState {
  const persistTo = path.join(dataDir, `worker-state-${apiPort}`);
  return { persistTo, folder: path.join(persistTo, "v3") };
}

/** Makes the folder; `isFresh` forgets what was in it. */
export function prepareWorkerState({ persistTo, folder }: WorkerState, isFresh: boolean): void {
  if (isFresh) rmSync(persistTo, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}
