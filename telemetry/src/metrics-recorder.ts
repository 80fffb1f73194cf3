import { WorkerEntrypoint } from "cloudflare:workers";

import type { BatchOutcome, MetricsBatch, MetricsSink } from "../../src/observability/metrics-batch.ts";
import { isMetricsBatch } from "./batch-check.ts";
import { shardOf, type TelemetryEnv } from "./shards.ts";

/** What the API's service binding calls. It has no address in the network. */
export class MetricsRecorder extends WorkerEntrypoint<TelemetryEnv> implements MetricsSink {
  /** Counts a batch once, however often it is sent. Fails when it is not certain to be stored: send it again then. */
  async record(batch: MetricsBatch): Promise<BatchOutcome> {
    if (!isMetricsBatch(batch)) return "malformed";
    return await shardOf(this.env.METRICS_SHARDS, batch.id).record(batch);
  }
}
