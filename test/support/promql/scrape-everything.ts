import { randomBytes } from "node:crypto";

import { convertV4MiniflareOptions, Miniflare } from "miniflare";

import {
  BUCKET_BOUNDS_MS,
  COUNTER_LABELS,
  type CounterName,
  type MetricsBatch,
} from "../../../src/observability/metrics-batch.ts";
import { buildCompanion } from "../../../tools/dev/worker/build-companion.ts";
import { ROOT } from "../../../tools/process/run-script.ts";
import { RECORDER, TELEMETRY_NAME, telemetryWorker } from "../../../tools/telemetry/telemetry-worker.ts";
import { parseExposition } from "../exposition-parser.ts";
import type { Catalogue } from "./check-query.ts";

const TOKEN = "token-of-the-tests";
const SENDER = "sender";

/** Stands where the API does, and delivers what it is posted. */
const SENDER_SOURCE = `export default {
  fetch: async (request, env) => new Response(await env.TELEMETRY.record(await request.json())),
};`;

/** Labels that Prometheus adds to each series that it scrapes. */
const TARGET_LABELS = ["job", "instance"] as const;

/** Series that Prometheus makes for each target (prometheus.io/docs/concepts/jobs_instances). */
const TARGET_SERIES = ["up", "scrape_duration_seconds", "scrape_samples_scraped"] as const;

/**
 * What Prometheus knows after a scrape of the telemetry Worker, in the real runtime, once each thing that the API can measure has been
 * measured: names of series with the names of their labels, those that its configuration adds to a target included.
 */
export async function scrapeEverything(configuredLabels: readonly string[]): Promise<Catalogue> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      cf: false,
      telemetry: { enabled: false },
      workers: [
        {
          name: SENDER,
          compatibilityDate: "2026-08-15",
          modulesRoot: "/",
          modules: [{ type: "ESModule", path: "/sender.mjs", contents: SENDER_SOURCE }],
          serviceBindings: { TELEMETRY: RECORDER },
        },
        telemetryWorker({ module: await buildCompanion(ROOT, "telemetry"), token: TOKEN }),
      ],
    }),
  );
  try {
    const sent = await fetch(await miniflare.ready, { method: "POST", body: JSON.stringify(batchOfEverything()) });
    const outcome = await sent.text();
    if (outcome !== "recorded") throw new Error(`the batch was not counted: ${outcome}`);
    const url = new URL("/metrics", await miniflare.unsafeGetDirectURL(TELEMETRY_NAME));
    const response = await fetch(url, { headers: { Authorization: `Bearer ${TOKEN}` } });
    return toCatalogue(await response.text(), [...TARGET_LABELS, ...configuredLabels]);
  } finally {
    await miniflare.dispose();
  }
}

function batchOfEverything(): MetricsBatch {
  const durations = { sumMs: 7, buckets: [...BUCKET_BOUNDS_MS.map(() => 1), 1] };
  const names = Object.keys(COUNTER_LABELS).filter((name): name is CounterName => name in COUNTER_LABELS);
  return {
    id: randomBytes(16).toString("hex"),
    isolate: randomBytes(8).toString("hex"),
    takenAt: Date.now(),
    version: { id: "local", tag: "tag" },
    requests: [{ method: "GET", route: "/health", status: 200, ...durations }],
    statements: [{ statement: "users.list", ...durations }],
    counters: names.map((name) => ({ name, labels: COUNTER_LABELS[name].map(() => "open"), value: 1 })),
    breaker: "open",
  };
}

function toCatalogue(text: string, targetLabels: readonly string[]): Catalogue {
  const { samples, types } = parseExposition(text, "prometheus");
  const found = new Set(samples.map(({ family }) => family));
  const missing = [...types.keys()].filter((family) => !found.has(family));
  if (missing.length > 0)
    throw new Error(`no sample of ${missing.join(", ")}: the batch holds not everything any more`);
  return new Map([
    ...TARGET_SERIES.map((name) => [name, new Set(targetLabels)] as const),
    ...samples.map(({ name, labels }) => [name, new Set([...Object.keys(labels), ...targetLabels])] as const),
  ]);
}
