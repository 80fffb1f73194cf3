import { BUCKET_BOUNDS_MS } from "../../../src/observability/metrics-batch.ts";
import { query, queryValue } from "../monitoring/query.ts";
import type { Monitoring } from "../monitoring/start-monitoring.ts";

const BUCKETS = "sum by (le) (http_request_duration_seconds_bucket)";

/** Cumulative counts by upper bound in milliseconds, in order; the last is of all. */
async function readBuckets(monitoring: Monitoring): Promise<[boundMs: number, count: number][]> {
  const samples = await query(monitoring, BUCKETS);
  return samples
    .map(({ labels, value }): [number, number] => [toMs(labels["le"] ?? ""), value])
    .toSorted(([a], [b]) => a - b);
}

const toMs = (bound: string): number =>
  bound === "+Inf" ? Number.POSITIVE_INFINITY : Math.round(Number(bound) * 1_000);

/**
 * Compares with what the client measured: the service's part of a request never takes longer than all of it. So at most as many requests
 * may have taken the client less than a bound as the service counts below it. The service's clock has whole milliseconds, at both ends.
 * @throws Error
 */
export async function checkBuckets(monitoring: Monitoring, durations: readonly number[]): Promise<string> {
  const buckets = await readBuckets(monitoring);
  const bounds = buckets.map(([bound]) => bound);
  const expected = [...BUCKET_BOUNDS_MS, Number.POSITIVE_INFINITY];
  if (bounds.join() !== expected.join())
    throw new Error(`the bounds are ${bounds.join()} instead of ${expected.join()}`);
  for (const [bound, count] of buckets) {
    const atMost = durations.filter((duration) => duration <= bound - 1).length;
    if (count < atMost)
      throw new Error(`${atMost} requests took the client less than ${bound} ms, of which ${count} are counted`);
  }
  const [, all = 0] = buckets.at(-1) ?? [];
  if (all !== durations.length) throw new Error(`${all} of ${durations.length} requests are in the histogram`);
  return buckets.map(([bound, count]) => `${count} ≤ ${bound} ms`).join(", ");
}

const QUANTILES = [0.5, 0.9, 0.99] as const;

/** Compares `histogram_quantile` with the same computed here from the exact counts, and with the client's. @throws Error */
export async function checkQuantiles(monitoring: Monitoring, durations: readonly number[]): Promise<void> {
  const buckets = await readBuckets(monitoring);
  const sorted = durations.toSorted((a, b) => a - b);
  for (const quantile of QUANTILES) {
    const told = await queryValue(monitoring, `histogram_quantile(${quantile}, ${BUCKETS})`);
    const toldMs = (told ?? Number.NaN) * 1_000;
    const computedMs = interpolate(buckets, quantile);
    if (!(Math.abs(toldMs - computedMs) < 0.001))
      throw new Error(`quantile ${quantile}: ${toldMs} ms instead of ${computedMs} ms`);
    const clientMs = sorted[Math.ceil(quantile * sorted.length) - 1] ?? 0;
    const highest = bounds(buckets).find((bound) => bound >= clientMs + 1) ?? 0;
    if (toldMs > highest) throw new Error(`quantile ${quantile}: ${toldMs} ms, and ${clientMs} ms for the client`);
  }
}

/** Bounds, but that the last bucket counts as ending where the one before does, as in Prometheus. */
const bounds = (buckets: readonly (readonly [number, number])[]): number[] =>
  buckets.map(([bound], index) => (Number.isFinite(bound) ? bound : (buckets[index - 1]?.[0] ?? 0)));

/** Within a bucket, measurements are taken to be spread evenly (prometheus.io, `histogram_quantile`). */
function interpolate(buckets: readonly (readonly [number, number])[], quantile: number): number {
  const [, total = 0] = buckets.at(-1) ?? [];
  const rank = quantile * total;
  const index = buckets.findIndex(([, count]) => count >= rank);
  const [bound = 0, count = 0] = buckets[index] ?? [];
  const [below, before] = buckets[index - 1] ?? [0, 0];
  if (!Number.isFinite(bound)) return below;
  return below + ((bound - below) * (rank - before)) / (count - before);
}
