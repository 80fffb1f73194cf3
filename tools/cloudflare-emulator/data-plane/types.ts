import type { KvNamespaces } from "../kv/kv-namespaces.ts";
import type { DataPlane, DataPlaneFaults } from "../model.ts";
import type { Broker, Delivery } from "../queues/broker.ts";
import type { BatchResult } from "../queues/message.ts";

export interface DataPlaneOptions {
  /** Of the proxy that routes by Host; any free one when 0. */
  readonly port: number;
  /** Holds the ports of the scripts, so that they stay the same after a restart, and what Durable Objects keep. */
  readonly stateDir: string;
  /** What KV bindings lead to; where it is absent, versions cannot have any. */
  readonly kv?: KvNamespaces;
  /** What queue bindings lead to; where it is absent, nothing can be sent. */
  readonly broker?: Broker;
  /** `<script>.<subdomain>.workers.dev` leads to a script. */
  readonly subdomain: string;
  readonly log: (line: string) => void;
  /** How many versions that left the live deployment keep running, newest first. 3 when absent. */
  readonly warmVersions?: number;
  /** How long a version that has to go may finish its requests. 60 s when absent. */
  readonly drainTimeoutMs?: number;
  /** Draws from [0, 1) for requests without a key; evenly spread ones when absent. */
  readonly random?: () => number;
}

export interface VersionStats {
  readonly versionId: string;
  readonly requests: number;
  /** Those that are over, by the status of the answer that the version gave. */
  readonly answers: Readonly<Record<string, number>>;
  /** Those that are over without an answer: the client left, or the process ended. */
  readonly unanswered: number;
  /** Requests whose bodies are not through yet, and cron events. */
  readonly inFlight: number;
  readonly isRunning: boolean;
}

/** What happened in one event of a Worker, in the shape that `wrangler tail` prints. */
export type TraceEvent = Readonly<Record<string, unknown>>;

export interface RunningDataPlane extends DataPlane {
  /** Leads to every script, by Host. */
  readonly proxyUrl: string;
  /** URL of a script's own port, for clients without control over Host; null for a script that was never published. */
  originOf(scriptName: string): string | null;
  /** Runs the cron trigger on a live version; gives its outcome. */
  runCron(scriptName: string, cron: string): Promise<string>;
  /** Calls the handler of a live version; null when there is none to call. Rejects when the version is lost meanwhile. */
  deliver(delivery: Delivery): Promise<BatchResult | null>;
  /** Ends the process of a script's Durable Objects, which starts again. @throws Error when it has none */
  evictObjects(scriptName: string): Promise<void>;
  /** Gives a function that ends the subscription. */
  onTrace(scriptName: string, listener: (event: TraceEvent) => void): () => void;
  setFaults(faults: Partial<DataPlaneFaults>): void;
  faults(): DataPlaneFaults;
  stats(scriptName: string): readonly VersionStats[];
  /** Ends all processes of the runtime; requests in flight are cut. */
  close(): Promise<void>;
}
