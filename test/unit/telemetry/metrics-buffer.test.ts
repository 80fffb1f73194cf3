import { describe, test } from "vitest";

import { BUCKET_BOUNDS_MS } from "../../../src/observability/metrics-batch.ts";
import { MetricsBuffer } from "../../../src/observability/metrics-buffer.ts";
import { isMetricsBatch } from "../../../telemetry/src/batch-check.ts";

/** Counts by bucket, all others 0. */
const buckets = (counts: Readonly<Record<number, number>>): number[] =>
  Array.from({ length: BUCKET_BOUNDS_MS.length + 1 }, (_, index) => counts[index] ?? 0);

describe("the buffer", () => {
  test("adds up by method, route and status", ({ expect }) => {
    const buffer = new MetricsBuffer();
    buffer.addRequest("GET", "/a", 200, 3);
    buffer.addRequest("GET", "/a", 200, 30);
    buffer.addRequest("GET", "/a", 404, 0);
    buffer.addRequest("HEAD", "/a", 200, 0);
    buffer.addRequest("PROPFIND", null, 404, 0);
    expect(buffer.size).toBe(5);
    const { requests } = buffer.take();
    expect(requests).toEqual([
      { method: "GET", route: "/a", status: 200, sumMs: 33, buckets: buckets({ 0: 1, 3: 1 }) },
      { method: "GET", route: "/a", status: 404, sumMs: 0, buckets: buckets({ 0: 1 }) },
      { method: "HEAD", route: "/a", status: 200, sumMs: 0, buckets: buckets({ 0: 1 }) },
      { method: "other", route: "other", status: 404, sumMs: 0, buckets: buckets({ 0: 1 }) },
    ]);
  });

  test("puts a duration at a bound into its bucket, one beyond all bounds into the last", ({ expect }) => {
    const buffer = new MetricsBuffer();
    for (const durationMs of [5, 6, 10_000, 10_001, 1e9]) buffer.addStatement("s", durationMs);
    const [statement] = buffer.take().statements;
    expect(statement?.buckets).toEqual(buckets({ 0: 1, 1: 1, 10: 1, 11: 2 }));
  });

  test.for([-5, Number.NaN, 0.2])("counts a duration of %s as none", (durationMs, { expect }) => {
    const buffer = new MetricsBuffer();
    buffer.addStatement("s", durationMs);
    expect(buffer.take().statements).toEqual([{ statement: "s", sumMs: 0, buckets: buckets({ 0: 1 }) }]);
  });

  test("gives everything once", ({ expect }) => {
    const buffer = new MetricsBuffer();
    buffer.addRequest("GET", "/a", 200, 3);
    buffer.count("db_errors_total", ["overloaded"]);
    buffer.count("db_errors_total", ["overloaded"], 2);
    expect(buffer.take().counters).toEqual([{ name: "db_errors_total", labels: ["overloaded"], value: 3 }]);
    expect(buffer.size).toBe(0);
    expect(buffer.take()).toEqual({ requests: [], statements: [], counters: [] });
  });

  test("does not grow with requests, nor beyond its series; what it leaves out it tells", ({ expect }) => {
    const buffer = new MetricsBuffer();
    for (let n = 0; n < 50_000; n++) buffer.addRequest("GET", "/a", 200, n % 7_000);
    for (let n = 0; n < 5_000; n++) buffer.addRequest("GET", `/mistake-${n}`, 200, 1);
    const { requests, counters } = buffer.take();
    expect(requests).toHaveLength(1_000);
    expect(requests[0]?.buckets.reduce((sum, count) => sum + count)).toBe(50_000);
    expect(counters).toEqual([
      { name: "telemetry_lost_measurements_total", labels: ["too-many-series"], value: 4_001 },
    ]);
  });
});

describe("a batch", () => {
  const batch = () => ({
    id: "0123456789abcdef0123456789abcdef",
    isolate: "0123456789abcdef",
    takenAt: 1_000,
    version: { id: "local", tag: "" },
    requests: [{ method: "GET", route: "/a", status: 200, sumMs: 3, buckets: buckets({ 0: 1 }) }],
    statements: [{ statement: "s", sumMs: 3, buckets: buckets({ 0: 1 }) }],
    counters: [{ name: "db_errors_total", labels: ["k"], value: 1 }],
    breaker: "closed",
  });

  test("is one", ({ expect }) => {
    expect(isMetricsBatch(batch())).toBe(true);
  });

  test.for<[string, object]>([
    ["an id that is none", { id: "x" }],
    ["an id that could name another object", { id: "0123456789abcdef0123456789abcdeg" }],
    ["no version", { version: null }],
    ["a label that is no text", { requests: [{ ...batch().requests[0], route: { toString: "" } }] }],
    ["buckets of another list", { statements: [{ statement: "s", sumMs: 3, buckets: [1] }] }],
    ["a count below 0", { statements: [{ statement: "s", sumMs: 3, buckets: buckets({ 0: -1 }) }] }],
    ["a sum that is no number", { statements: [{ statement: "s", sumMs: Number.NaN, buckets: buckets({}) }] }],
    ["half a measurement", { statements: [{ statement: "s", sumMs: 1, buckets: buckets({ 3: 0.5 }) }] }],
    ["a counter that nobody knows", { counters: [{ name: "invented_total", labels: [], value: 1 }] }],
    ["a counter with a label more", { counters: [{ name: "db_errors_total", labels: ["k", "l"], value: 1 }] }],
    ["more series than there can be", { counters: Array.from({ length: 4_001 }, () => batch().counters[0]) }],
  ])("is refused whole with %s", ([, change], { expect }) => {
    expect(isMetricsBatch({ ...batch(), ...change })).toBe(false);
  });

  test.for([null, undefined, 7, "batch", []])("%j is none", (value, { expect }) => {
    expect(isMetricsBatch(value)).toBe(false);
  });
});
