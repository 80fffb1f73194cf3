import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { buildCompanion } from "../../tools/dev/worker/build-companion.ts";
import type { WorkerdOptions } from "../../tools/workerd/start-workerd.ts";
import type { Binding, WorkerDefinition } from "../../tools/workerd/workerd-config.ts";
import { ROOT } from "../../tools/workerd/wrangler-packages.ts";
import { bundleWorker } from "../stack/bundle-worker.ts";
import { type ApiStack, startApi } from "./api.ts";
import type { Variant } from "./variant.ts";

type Companion = NonNullable<WorkerdOptions["companion"]>;

/** What `docs/observability.md` adds to `wrangler.toml`. */
const TELEMETRY_BINDING: Binding = { kind: "companion", name: "TELEMETRY", entrypoint: "MetricsRecorder" };

/** Opens `/metrics` of a measured telemetry Worker. */
export const METRICS_TOKEN = "bench-metrics-token";

/** The API with the telemetry Worker of a deployment: Durable Objects with SQLite on disk, in the same process. */
export async function telemetryVariant(stack: ApiStack): Promise<Variant> {
  const script = join(makeFolder(stack), "telemetry.js");
  writeFileSync(script, await buildCompanion(ROOT, "telemetry"));
  const bindings: readonly Binding[] = [
    { kind: "objects", name: "METRICS_SHARDS", className: "MetricsShard" },
    { kind: "text", name: "METRICS_TOKEN", value: METRICS_TOKEN },
  ];
  return toVariant(stack, "api-telemetry", "the API, measured by the telemetry Worker", {
    script,
    worker: define(stack, bindings),
  });
}

/** The API with telemetry that is gone: each call of it fails, as one of a Worker that throws or was deleted does. */
export const brokenTelemetryVariant = (stack: ApiStack): Promise<Variant> =>
  outageVariant(stack, "api-telemetry-down", "the API, whose telemetry fails", "fail");

/** The API with telemetry that takes each call, and answers none. */
export const silentTelemetryVariant = (stack: ApiStack): Promise<Variant> =>
  outageVariant(stack, "api-telemetry-silent", "the API, whose telemetry never answers", "silence");

async function outageVariant(stack: ApiStack, name: string, title: string, outage: string): Promise<Variant> {
  const script = join(makeFolder(stack), `${name}.js`);
  await bundleWorker(join(ROOT, "bench/workers/telemetry-outage.ts"), script);
  const worker = define(stack, [{ kind: "text", name: "OUTAGE", value: outage }]);
  return toVariant(stack, name, title, { script, worker });
}

function makeFolder({ folder }: ApiStack): string {
  const own = join(folder, "telemetry");
  mkdirSync(own, { recursive: true });
  return own;
}

const define = ({ api }: ApiStack, bindings: readonly Binding[]): WorkerDefinition => ({ ...api.worker, bindings });

const toVariant = (stack: ApiStack, name: string, title: string, companion: Companion): Variant => ({
  name,
  title,
  serves: () => true,
  agreement: "body",
  // workerd calls Durable Objects on disk experimental; the flag lets it use them, and the API's own date stays what it is.
  start: () => startApi(stack, { folder: name, companion, bindings: [TELEMETRY_BINDING], args: ["--experimental"] }),
});
