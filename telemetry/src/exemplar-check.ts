import { BUCKET_BOUNDS_MS, type Durations, type Exemplar } from "../../src/observability/metrics-batch.ts";

/**
 * The exemplars of a series that make sense: of its buckets, at most one of each. Others are passed over, for counts matter more
 * than examples, and the sender may be of a version that says them otherwise, or says none.
 */
export function readExemplars({ exemplars }: Durations): readonly Exemplar[] {
  const given: unknown = exemplars;
  if (!Array.isArray(given)) return [];
  const found = new Map<number, Exemplar>();
  for (const each of given.slice(0, BUCKET_BOUNDS_MS.length + 1)) {
    if (isExemplar(each) && isInBucket(each)) found.set(each.bucket, each);
  }
  return [...found.values()];
}

function isExemplar(value: unknown): value is Exemplar {
  if (typeof value !== "object" || value === null) return false;
  const { bucket, traceId, durationMs, at }: Partial<Record<keyof Exemplar, unknown>> = value;
  const isTraceId = typeof traceId === "string" && /^[0-9a-f]{32}$/.test(traceId);
  return isTraceId && [bucket, durationMs, at].every((number) => Number.isSafeInteger(number) && Number(number) >= 0);
}

/** OpenMetrics wants the value of a bucket's exemplar within the bucket. */
function isInBucket({ bucket, durationMs }: Exemplar): boolean {
  const upper = bucket === BUCKET_BOUNDS_MS.length ? Number.POSITIVE_INFINITY : BUCKET_BOUNDS_MS[bucket];
  const lower = BUCKET_BOUNDS_MS[bucket - 1] ?? -1;
  return upper !== undefined && durationMs <= upper && durationMs > lower;
}
