import { ExpositionError, type MetricSample } from "./exposition.ts";
import type { RouteCounts, VersionCounts } from "./observation.ts";

/** Counters of one version: by method and route, and within by status. */
export interface RouteCounter {
  readonly status: number;
  readonly requests: number;
  /** Cumulative counts by their upper bounds in milliseconds, ascending; the last one is infinite. */
  readonly cumulative: readonly (readonly [boundMs: number, count: number])[];
}

/** By method, route and status, which together name one series. */
export type Counters = ReadonlyMap<string, RouteCounter>;

const REQUESTS = "http_requests_total";
const BUCKET = "http_request_duration_seconds_bucket";
const HELD_UP_MS = 1_000;

/**
 * Reads one version's request counters and histograms; empty when there are none.
 * @throws ExpositionError when a series lacks what it must have, or is no counter
 */
export function readCounters(samples: readonly MetricSample[], versionId: string): Counters {
  const own = samples.filter(({ labels }) => labels["version_id"] === versionId);
  const buckets = Map.groupBy(
    own.filter(({ name }) => name === BUCKET),
    seriesOf,
  );
  const counters = new Map<string, RouteCounter>();
  // A tag belongs to its version, but a version may have got one later: the series are one then.
  const requests = Map.groupBy(
    own.filter(({ name }) => name === REQUESTS),
    seriesOf,
  );
  for (const [series, of] of requests) {
    counters.set(series, {
      status: Number(of[0]?.labels["status"]),
      requests: of.reduce((sum, { value }) => sum + toCount(value, series), 0),
      cumulative: sumBuckets(buckets.get(series) ?? [], series),
    });
  }
  return counters;
}

function seriesOf({ labels: { method, route, status } }: MetricSample): string {
  if (method === undefined || route === undefined || status === undefined)
    throw new ExpositionError("a series of requests has no method, route or status");
  return `${method} ${route} ${status}`;
}

function toCount(value: number, series: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new ExpositionError(`the counter of ${series} is not a count`);
}

function sumBuckets(samples: readonly MetricSample[], series: string): RouteCounter["cumulative"] {
  const byBound = new Map<number, number>();
  for (const { labels, value } of samples) {
    const boundMs = labels["le"] === "+Inf" ? Infinity : Math.round(Number(labels["le"]) * 1_000);
    byBound.set(boundMs, (byBound.get(boundMs) ?? 0) + toCount(value, series));
  }
  const sorted = [...byBound].toSorted(([left], [right]) => left - right);
  const isRising = sorted.every(([, count], place) => count >= (sorted[place - 1]?.[1] ?? 0));
  if (sorted.at(-1)?.[0] !== Infinity || !isRising || sorted.some(([bound]) => Number.isNaN(bound)))
    throw new ExpositionError(`the histogram of ${series} is not whole`);
  return sorted;
}

/** The finite bounds that the histograms have, in milliseconds. */
export function boundsOf(counters: Counters): readonly number[] {
  const [first] = counters.values();
  return (first?.cumulative ?? []).map(([bound]) => bound).filter(Number.isFinite);
}

/**
 * What has been added since an earlier reading, by method and route; null when a counter is lower than before or gone, as
 * when telemetry has lost what it knew.
 */
export function subtractCounters(after: Counters, before: Counters): VersionCounts | null {
  if ([...before.keys()].some((series) => !after.has(series))) return null;
  const counts = new Map<string, RouteCounts>();
  for (const [series, now] of after) {
    const increase = increaseOf(now, before.get(series));
    if (increase === null) return null;
    if (increase.requests === 0) continue;
    const route = series.slice(0, series.lastIndexOf(" "));
    counts.set(route, addCounts(counts.get(route), increase));
  }
  return counts;
}

function increaseOf(now: RouteCounter, then: RouteCounter | undefined): RouteCounts | null {
  const { requests: before, cumulative: earlier } = then ?? NOTHING;
  const requests = now.requests - before;
  const cumulative = subtractBuckets(now.cumulative, new Map(earlier));
  const buckets = cumulative.map(([, count], place) => count - (cumulative[place - 1]?.[1] ?? 0));
  if (requests < 0 || buckets.some((count) => count < 0)) return null;
  const kind = kindOf(now.status);
  const within = cumulative.findLast(([bound]) => bound <= HELD_UP_MS)?.[1] ?? 0;
  return {
    requests,
    failed: kind === "failed" ? requests : 0,
    refused: kind === "refused" ? requests : 0,
    heldUp: buckets.reduce((sum, count) => sum + count, 0) - within,
    buckets: kind === "succeeded" ? buckets : buckets.map(() => 0),
  };
}

const NOTHING: Pick<RouteCounter, "requests" | "cumulative"> = { requests: 0, cumulative: [] };

function subtractBuckets(
  cumulative: RouteCounter["cumulative"],
  earlier: ReadonlyMap<number, number>,
): RouteCounter["cumulative"] {
  return cumulative.map(([bound, count]) => [bound, count - (earlier.get(bound) ?? 0)]);
}

const TOO_MANY_REQUESTS = 429;

function kindOf(status: number): "failed" | "refused" | "limited" | "succeeded" {
  if (status === TOO_MANY_REQUESTS) return "limited";
  if (status >= 500) return "failed";
  return status >= 400 ? "refused" : "succeeded";
}

/** The sum of two; the first may be missing. */
export function addCounts(sum: RouteCounts | undefined, more: RouteCounts): RouteCounts {
  if (sum === undefined) return more;
  return {
    requests: sum.requests + more.requests,
    failed: sum.failed + more.failed,
    refused: sum.refused + more.refused,
    heldUp: sum.heldUp + more.heldUp,
    buckets: more.buckets.map((count, place) => count + (sum.buckets[place] ?? 0)),
  };
}
