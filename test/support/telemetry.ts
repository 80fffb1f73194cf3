import type { V4WorkerOptions } from "miniflare";

import { KNOWN_METHODS } from "../../src/observability/metrics-batch.ts";
import { buildCompanion } from "../../tools/dev/worker/build-companion.ts";
import type { Companions } from "../../tools/dev/worker/serve.ts";
import { ROOT } from "../../tools/process/run-script.ts";
import { RECORDER, TELEMETRY_NAME, telemetryWorker } from "../../tools/telemetry/telemetry-worker.ts";
import { parseExposition, type Exposition, type ParsedSample } from "./exposition-parser.ts";
import type { Stack } from "./stack.ts";

export const METRICS_TOKEN = "token-of-the-tests";

const PROXY = "telemetry-proxy";

/** What stands between the API and telemetry does with batches. */
export type ProxyMode = "pass" | "pass-twice" | "lose-answers" | "fail" | "slow" | "hang" | "nonsense";

/** Between the API and telemetry: brings about what a network, or a telemetry Worker that is broken, could. */
const PROXY_SOURCE = `import { WorkerEntrypoint } from "cloudflare:workers";
let mode = "pass";
export class MetricsRecorder extends WorkerEntrypoint {
  async record(batch) {
    if (mode === "fail") throw new Error("telemetry is broken");
    // Longer than the API waits: the batch arrives, and is sent again.
    if (mode === "slow") await scheduler.wait(7_000);
    if (mode === "hang") return await scheduler.wait(600_000);
    if (mode === "nonsense") return { nothing: "that the API knows" };
    const outcome = await this.env.NEXT.record(batch);
    if (mode === "lose-answers") throw new Error("the answer is lost");
    return mode === "pass-twice" ? await this.env.NEXT.record(batch) : outcome;
  }
}
export default { async fetch(request) { mode = await request.text(); return new Response(mode); } };`;

/** The telemetry Worker, and the proxy before it, for `startStack`. */
export async function telemetryCompanions({
  token = METRICS_TOKEN,
}: { readonly token?: string | null } = {}): Promise<Companions> {
  const telemetry = telemetryWorker({ module: await buildCompanion(ROOT, "telemetry"), token });
  const proxy: V4WorkerOptions = {
    name: PROXY,
    compatibilityDate: "2026-08-15",
    modulesRoot: "/",
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    unsafeRegisterWorker: false,
    modules: [{ type: "ESModule", path: "/proxy.mjs", contents: PROXY_SOURCE }],
    serviceBindings: { NEXT: RECORDER },
  };
  return {
    workers: [telemetry, proxy],
    services: { TELEMETRY: { ...RECORDER, name: PROXY } },
  };
}

export async function setProxyMode(stack: Stack, mode: ProxyMode): Promise<void> {
  const response = await fetch(await stack.urlOf(PROXY), { method: "POST", body: mode });
  if ((await response.text()) !== mode) throw new Error("the proxy did not take its mode");
}

/** Asks for `/metrics`, as it is. */
export async function getMetrics(stack: Stack, headers: Readonly<Record<string, string>>, init: RequestInit = {}) {
  return await fetch(await telemetryUrl(stack), { ...init, headers });
}

export const telemetryUrl = async (stack: Stack): Promise<URL> =>
  new URL("/metrics", await stack.urlOf(TELEMETRY_NAME));

export async function readMetrics(stack: Stack): Promise<Exposition> {
  const response = await getMetrics(stack, { Authorization: `Bearer ${METRICS_TOKEN}` });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
  return parseExposition(text, "prometheus");
}

/** The sum over all series of a name that have these labels. */
export function total(samples: readonly ParsedSample[], name: string, labels: Readonly<Record<string, string>> = {}) {
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

/** Reads `/metrics` until so many requests are counted, or one minute long; gives what is there then. */
export async function waitForRequests(stack: Stack, requests: number): Promise<Exposition> {
  for (let attempt = 0; ; attempt++) {
    const metrics = await readMetrics(stack);
    if (total(metrics.samples, "http_requests_total") >= requests || attempt >= 240) return metrics;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Whether a method is one that the API tells apart. */
export const isKnownMethod = (method: string): boolean => KNOWN_METHODS.some((known) => known === method);
