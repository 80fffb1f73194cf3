import { describe, test } from "vitest";

import { checkQuery, type Catalogue } from "../support/promql/check-query.ts";

const CATALOGUE: Catalogue = new Map([
  ["requests_total", new Set(["route", "status", "job"])],
  ["duration_bucket", new Set(["route", "le", "job"])],
  ["route:requests:rate5m", new Set(["route"])],
  ["up", new Set(["job", "instance"])],
]);

const check = (query: string) => checkQuery(query, CATALOGUE);

/** [query, labels of its result] */
const GOOD: readonly (readonly [string, readonly string[] | null])[] = [
  ["requests_total", ["job", "route", "status"]],
  [`rate(requests_total{status=~"5..", route!=""}[5m] offset 1h)`, ["job", "route", "status"]],
  ["sum by (route) (rate(requests_total[5m]))", ["route"]],
  ["sum(rate(requests_total[5m])) by (route)", ["route"]],
  ["sum without (status) (requests_total)", ["job", "route"]],
  ["topk(3, sum by (route, job) (requests_total))", ["job", "route"]],
  ["histogram_quantile(0.9, sum by (route, le) (rate(duration_bucket[5m])))", ["route"]],
  ["sum by (route) (requests_total) / sum by (route) (requests_total) > 0.5", ["route"]],
  ["sum by (route) (requests_total) / ignoring (route) group_left () sum(requests_total)", ["route"]],
  ["sum by (route, job) (requests_total) * on (job) group_left (instance) up", ["instance", "job", "route"]],
  [`sum(requests_total{status="500"}) or vector(0)`, []],
  [`label_replace(up, "host", "$1", "instance", "(.*):.*")`, ["host", "instance", "job"]],
  ["max_over_time(sum by (route) (rate(requests_total[5m]))[1h:1m])", ["route"]],
  ["route:requests:rate5m > 1", ["route"]],
  [`{__name__="up", job="api"}`, ["instance", "job"]],
  ["absent(up)", []],
  ["time() - 1", null],
];

/** [query, what must be said of it] */
const BAD: readonly (readonly [string, string])[] = [
  ["sum by (route) (rate(request_total[5m]))", "nobody exposes the series request_total"],
  [`{__name__="down"}`, "nobody exposes the series down"],
  [`requests_total{path="/"}`, "requests_total has no label path"],
  ["sum by (path) (requests_total)", "what sum sums up has no label path"],
  ["sum by (status) (sum by (route) (requests_total))", "what sum sums up has no label status"],
  [
    "histogram_quantile(0.9, sum by (route) (rate(duration_bucket[5m])))",
    "what histogram_quantile is given has no label le",
  ],
  ["sum by (route) (requests_total) / sum by (job) (requests_total)", "no series match: one side alone has route, job"],
  ["requests_total * on (instance) up", "a side of on () has no label instance"],
  [`label_replace(up, "host", "$1", "address", "(.*)")`, "what label_replace is given has no label address"],
  ["sum by (route ( requests_total)", "this is no PromQL"],
  ["rat(requests_total[5m])", "this is no PromQL"],
];

describe("the check of queries", () => {
  test.for(GOOD)("finds nothing wrong with %s", ([query, labels], { expect }) => {
    const checked = check(query);
    expect(checked.problems).toEqual([]);
    expect(checked.labels === null ? null : [...checked.labels].toSorted()).toEqual(labels);
  });

  test.for(BAD)("finds what is wrong with %s", ([query, problem], { expect }) => {
    expect(check(query).problems.join("; ")).toContain(problem);
  });
});
