import { scrape } from "./scrape.ts";
import type { TelemetryEnv } from "./shards.ts";

export { MetricsRecorder } from "./metrics-recorder.ts";
export { MetricsShard } from "./metrics-shard.ts";

/** What the network reaches: only that which Prometheus reads. Batches come by the service binding. */
export default {
  async fetch(request, env, context) {
    const response = await scrape(request, env, context);
    // Whoever releases a version has to know that it is the one that answers.
    response.headers.set("X-Version-Id", env.CF_VERSION_METADATA?.id ?? "local");
    return response;
  },
} satisfies ExportedHandler<TelemetryEnv>;
