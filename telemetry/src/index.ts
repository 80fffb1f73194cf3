import { scrape } from "./scrape.ts";
import type { TelemetryEnv } from "./shards.ts";

export { MetricsRecorder } from "./metrics-recorder.ts";
export { MetricsShard } from "./metrics-shard.ts";

/** What the network reaches: only that which Prometheus reads. Batches come by the service binding. */
export default { fetch: scrape } satisfies ExportedHandler<TelemetryEnv>;
