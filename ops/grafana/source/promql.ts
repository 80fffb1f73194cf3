/** Queries that several panels ask, in PromQL; `$job` and `$route` are variables of the dashboards. */

const REQUESTS = `job=~"$job", route=~"$route"`;

const sumBy = (by: string, vector: string): string => (by === "" ? `sum(${vector})` : `sum by (${by}) (${vector})`);

/** Requests a second, of those that a matcher chooses. */
export function requestRate(by: string, matcher = ""): string {
  const matchers = matcher === "" ? REQUESTS : `${REQUESTS}, ${matcher}`;
  return sumBy(by, `rate(http_requests_total{${matchers}}[$__rate_interval])`);
}

/** The share of requests that a matcher chooses, from 0 to 1; 0 where there are requests, but none of those. */
export function requestShare(by: string, matcher: string): string {
  const all = requestRate(by);
  return `(${requestRate(by, matcher)} or 0 * ${all}) / ${all}`;
}

/** Requests a second in each bucket of the histogram. */
export function requestBuckets(by = ""): string {
  const buckets = `rate(http_request_duration_seconds_bucket{${REQUESTS}}[$__rate_interval])`;
  return sumBy(by === "" ? "le" : `${by}, le`, buckets);
}

/** Seconds under which this share of the requests stayed. */
export function requestQuantile(quantile: number, by = ""): string {
  return `histogram_quantile(${quantile}, ${requestBuckets(by)})`;
}

/** Increase of a counter of the database or of telemetry, a second. */
export function counterRate(name: string, by = ""): string {
  return sumBy(by, `rate(${name}{job=~"$job"}[$__rate_interval])`);
}

/** Seconds under which this share of a statement's round trips stayed. */
export function queryQuantile(quantile: number): string {
  return `histogram_quantile(${quantile}, ${counterRate("db_query_duration_seconds_bucket", "statement, le")})`;
}
