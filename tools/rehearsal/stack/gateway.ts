import { once } from "node:events";
import { Worker } from "node:worker_threads";

import type { Fault } from "../../dev/gateway/index.ts";

/** The database gateway in a thread of its own: the proxy in ours must not wait for it. */
export interface GatewayThread {
  /** For `DATABASE_FETCH_ENDPOINT`. */
  readonly url: string;
  /** For `DATABASE_URL`; holds a password. */
  readonly connectionString: string;
  close(): Promise<void>;
}

export interface GatewayJob {
  readonly postgresUrl: string;
  readonly faults: readonly Fault[];
}

export async function startGatewayThread(job: GatewayJob): Promise<GatewayThread> {
  const worker = new Worker(new URL("gateway-worker.ts", import.meta.url), { workerData: job });
  const [address]: Pick<GatewayThread, "url" | "connectionString">[] = await once(worker, "message");
  if (address === undefined) throw new Error("the gateway did not say where it listens");
  return {
    ...address,
    async close() {
      worker.postMessage("close");
      await once(worker, "exit");
    },
  };
}
