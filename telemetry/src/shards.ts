import type { MetricsShard } from "./metrics-shard.ts";

/** Bindings of `wrangler.toml`. */
export interface TelemetryEnv {
  readonly METRICS_SHARDS: DurableObjectNamespace<MetricsShard>;
  /** The secret that Prometheus presents; without it nothing is told. */
  readonly METRICS_TOKEN?: string;
  /** The version that answers; absent outside of the network. */
  readonly CF_VERSION_METADATA?: { readonly id: string };
}

/**
 * So many objects share the counting, each of which takes some hundred batches a second. More is one release away; never make them
 * fewer, for what the others have counted would be gone.
 */
const SHARDS = 4;

type Namespace = TelemetryEnv["METRICS_SHARDS"];

/** A batch that is sent again comes to the same object, which knows it. The id's digits are drawn by chance: they spread evenly. */
export function shardOf(namespace: Namespace, batchId: string): DurableObjectStub<MetricsShard> {
  return namespace.getByName(nameOf(Number.parseInt(batchId.slice(-8), 16) % SHARDS));
}

export function allShards(namespace: Namespace): DurableObjectStub<MetricsShard>[] {
  return Array.from({ length: SHARDS }, (_, index) => namespace.getByName(nameOf(index)));
}

const nameOf = (index: number): string => `shard-${index}`;
