import { describe, test } from "vitest";

import { type Bucket, histogramQuantile } from "../../../../tools/top/quantile.ts";

const histogram = (...buckets: readonly (readonly [bound: number, count: number])[]): Bucket[] =>
  buckets.map(([bound, count]) => ({ bound, count }));

const SPREAD = histogram([0.005, 10], [0.01, 40], [0.1, 90], [1, 97], [Infinity, 100]);
const BEYOND = histogram([0.5, 0], [1, 0], [Infinity, 4]);
const WITH_GAP = histogram([1, 4], [2, 4], [3, 8], [Infinity, 8]);

/** What `promtool test rules` of Prometheus 2.42 got for these histograms. */
const BY_PROMETHEUS: readonly (readonly [Bucket[], number, number])[] = [
  [SPREAD, 0.05, 0.0025],
  [SPREAD, 0.1, 0.005],
  [SPREAD, 0.25, 0.0075],
  [SPREAD, 0.5, 0.028],
  [SPREAD, 0.9, 0.1],
  [SPREAD, 0.95, 0.7428571428571429],
  [SPREAD, 0.97, 1],
  [SPREAD, 0.99, 1],
  [SPREAD, 1, 1],
  [BEYOND, 0.5, 1],
  [WITH_GAP, 0.5, 1],
  [WITH_GAP, 0.75, 2.5],
];

describe("quantiles of histograms", () => {
  test.for(BY_PROMETHEUS)("of %j, %d is %d, as Prometheus says", ([buckets, quantile, expected], { expect }) => {
    expect(histogramQuantile(quantile, buckets)).toBeCloseTo(expected, 12);
    expect(histogramQuantile(quantile, buckets.toReversed())).toBeCloseTo(expected, 12);
  });

  test("are unknown without observations, without buckets, and without the last one", ({ expect }) => {
    expect(histogramQuantile(0.5, histogram([1, 0], [Infinity, 0]))).toBeNull();
    expect(histogramQuantile(0.5, [])).toBeNull();
    expect(histogramQuantile(0.5, histogram([Infinity, 3]))).toBeNull();
    expect(histogramQuantile(0.5, histogram([1, 3]))).toBeNull();
  });
});
