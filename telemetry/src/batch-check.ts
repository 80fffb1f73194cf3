import { BUCKET_BOUNDS_MS, COUNTER_LABELS, type MetricsBatch } from "../../src/observability/metrics-batch.ts";

/** No batch of ours has as many (`src/observability/metrics-buffer.ts`); each is a row that is written. */
const MAX_SERIES = 4_000;

/**
 * Whether this is a batch, whole: the sender may be another version than we are, and one wrong number would spoil a sum for good.
 * Labels may be any texts: `series-labels.ts` decides what becomes of them.
 */
export function isMetricsBatch(batch: unknown): batch is MetricsBatch {
  if (!isRecord(batch)) return false;
  const { id, isolate, takenAt, version, requests, statements, counters, breaker } = batch;
  return (
    isText(id, /^[0-9a-f]{32}$/) &&
    isText(isolate, /^[0-9a-f]{16}$/) &&
    isCount(takenAt) &&
    isRecord(version) &&
    areTexts([version["id"], version["tag"], breaker]) &&
    areAll(requests, (one) => areTexts([one["method"], one["route"]]) && isCount(one["status"]) && isHistogram(one)) &&
    areAll(statements, (one) => areTexts([one["statement"]]) && isHistogram(one)) &&
    areAll(counters, isIncrease)
  );
}

function isIncrease({ name, labels, value }: Record<string, unknown>): boolean {
  const expected = Object.entries(COUNTER_LABELS).find(([known]) => known === name)?.[1];
  return Array.isArray(labels) && labels.length === expected?.length && areTexts(labels) && isCount(value);
}

function isHistogram({ sumMs, buckets }: Record<string, unknown>): boolean {
  const isComplete = Array.isArray(buckets) && buckets.length === BUCKET_BOUNDS_MS.length + 1;
  return isCount(sumMs) && isComplete && buckets.every(isCount);
}

/** Whole numbers keep sums exact. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && typeof value === "number" && value >= 0;
}

function isText(value: unknown, pattern: RegExp): boolean {
  return typeof value === "string" && pattern.test(value);
}

function areTexts(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === "string");
}

function areAll(values: unknown, check: (value: Record<string, unknown>) => boolean): boolean {
  return (
    Array.isArray(values) && values.length <= MAX_SERIES && values.every((value) => isRecord(value) && check(value))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
