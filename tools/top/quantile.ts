/** So many observations were at most `bound`; counts are cumulative, and the last bound is infinite. */
export interface Bucket {
  readonly bound: number;
  readonly count: number;
}

/**
 * The value under which a share of the observations stays, estimated as Prometheus's `histogram_quantile` does for classic histograms
 * (prometheus.io/docs/prometheus/latest/querying/functions): as if observations were spread evenly within a bucket, the first
 * bucket beginning at 0. Beyond the last finite bound nothing is known, so that bound is the answer. Null without observations.
 */
export function histogramQuantile(quantile: number, buckets: readonly Bucket[]): number | null {
  const sorted = buckets.toSorted((a, b) => a.bound - b.bound);
  const finite = sorted.filter(({ bound }) => bound !== Infinity);
  const total = sorted.at(-1)?.count ?? 0;
  if (total === 0 || finite.length === 0 || finite.length === sorted.length) return null;
  const rank = quantile * total;
  const index = finite.findIndex(({ count }) => count >= rank);
  const bucket = finite[index];
  if (bucket === undefined) return finite.at(-1)?.bound ?? null;
  return interpolate(rank, finite[index - 1] ?? { bound: Math.min(0, bucket.bound), count: 0 }, bucket);
}

function interpolate(rank: number, below: Bucket, { bound, count }: Bucket): number {
  if (count === below.count) return bound;
  return below.bound + ((bound - below.bound) * (rank - below.count)) / (count - below.count);
}
