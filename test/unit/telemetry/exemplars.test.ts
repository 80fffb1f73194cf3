import { describe, test } from "vitest";

import { BUCKET_BOUNDS_MS, type Durations, type Exemplar } from "../../../src/observability/metrics-batch.ts";
import { MAX_EXEMPLARS, MetricsBuffer } from "../../../src/observability/metrics-buffer.ts";
import { isMetricsBatch } from "../../../telemetry/src/batch-check.ts";
import { ExemplarStore } from "../../../telemetry/src/exemplar-store.ts";
import { formatExposition } from "../../../telemetry/src/exposition.ts";
import { mergeShards } from "../../../telemetry/src/merge.ts";
import { collectSamples } from "../../../telemetry/src/samples.ts";
import type { SeriesKey, ShardState, StoredExemplar } from "../../../telemetry/src/stored.ts";
import { parseExposition } from "../../support/exposition-parser.ts";

const NOW = 1_800_000_000_000;
const ZEROS = Array.from({ length: BUCKET_BOUNDS_MS.length + 1 }, () => 0);
const traceOf = (n: number): string => n.toString(16).padStart(32, "0");
const SERIES: SeriesKey = { name: "http_request", labels: ["GET", "/a", "200"], version: "v1" };

describe("the exemplars of a batch", () => {
  test("are the slowest of each bucket, and none where the trace leads nowhere", ({ expect }) => {
    const buffer = new MetricsBuffer();
    buffer.addRequest("GET", "/a", 200, 30, traceOf(1), 10);
    buffer.addRequest("GET", "/a", 200, 45, traceOf(2), 11);
    buffer.addRequest("GET", "/a", 200, 40, traceOf(3), 12);
    buffer.addRequest("GET", "/a", 200, 20_000, traceOf(4), 13);
    buffer.addRequest("GET", "/a", 200, 49, null, 14);
    buffer.addStatement("users.find", 0, traceOf(5), 15);
    buffer.addStatement("users.other", 0);
    const { requests, statements } = buffer.take();
    expect(requests[0]?.exemplars).toEqual([
      { bucket: 3, traceId: traceOf(2), durationMs: 45, at: 11 },
      { bucket: 11, traceId: traceOf(4), durationMs: 20_000, at: 13 },
    ]);
    expect(statements[0]?.exemplars).toEqual([{ bucket: 0, traceId: traceOf(5), durationMs: 0, at: 15 }]);
    expect(statements[1]).not.toHaveProperty("exemplars");
  });

  test("are no more than there is room for, and as many again in the next batch", ({ expect }) => {
    const buffer = new MetricsBuffer();
    const countAfter = (): number => {
      for (let n = 0; n < 900; n++) buffer.addRequest("GET", `/r${n}`, 200, 3, traceOf(n), n);
      const { requests } = buffer.take();
      expect(requests).toHaveLength(900);
      return requests.flatMap(({ exemplars = [] }) => exemplars).length;
    };
    expect([countAfter(), countAfter()]).toEqual([MAX_EXEMPLARS, MAX_EXEMPLARS]);
  });

  test("make one that is full a fraction larger than without, in bytes", ({ expect }) => {
    const buffer = new MetricsBuffer();
    for (let n = 0; n < 5_000; n++) buffer.addRequest("GET", `/r${n % 20}`, 200, n, traceOf(n), NOW);
    expect(JSON.stringify(buffer.take()).length).toBeLessThan(16_384);
  });
});

describe("telemetry", () => {
  const batchOf = (durations: object) => ({
    id: "a".repeat(32),
    isolate: "b".repeat(16),
    takenAt: NOW,
    version: { id: "v1", tag: "" },
    requests: [{ method: "GET", route: "/a", status: 200, sumMs: 1, buckets: ZEROS, ...durations }],
    statements: [],
    counters: [],
    breaker: "closed",
  });

  test.for([
    ["of the sender before, without any", {}],
    ["of this sender", { exemplars: [{ bucket: 0, traceId: traceOf(1), durationMs: 1, at: NOW }] }],
    ["with exemplars that it does not understand", { exemplars: "later" }],
    ["with members of a later sender", { summary: {} }],
  ])("takes a batch %s", ([, durations], { expect }) => {
    expect(isMetricsBatch(batchOf(Object(durations)))).toBe(true);
  });

  const good: Exemplar = { bucket: 3, traceId: traceOf(7), durationMs: 40, at: NOW };
  const readAfter = (exemplars: unknown) => {
    const store = new ExemplarStore();
    const durations = { sumMs: 0, buckets: ZEROS, exemplars } as Durations;
    store.note(SERIES, durations);
    return store.read();
  };

  test("keeps what makes sense", ({ expect }) => {
    expect(readAfter([good])).toEqual([{ ...SERIES, ...good }]);
    expect(readAfter(undefined)).toEqual([]);
  });

  test.for([
    ["no list", "nonsense"],
    ["no object", [null]],
    ["a trace id that is none", [{ ...good, traceId: '"} 1' }]],
    ["a trace id of another length", [{ ...good, traceId: "a".repeat(200) }]],
    ["an unknown bucket", [{ ...good, bucket: 12 }]],
    ["half a bucket", [{ ...good, bucket: 0.5 }]],
    ["a duration beyond its bucket", [{ ...good, durationMs: 51 }]],
    ["a duration before its bucket", [{ ...good, durationMs: 25 }]],
    ["a time that is none", [{ ...good, at: Number.NaN }]],
    ["a time before there was one", [{ ...good, at: -1 }]],
    ["no time", [{ ...good, at: undefined }]],
  ])("passes over %s", ([, exemplars], { expect }) => {
    expect(readAfter(exemplars)).toEqual([]);
  });

  test("keeps the last of each bucket, a bounded number in all, and none of a version that is gone", ({ expect }) => {
    const store = new ExemplarStore();
    const note = (series: SeriesKey, at: number) =>
      store.note(series, { sumMs: 0, buckets: ZEROS, exemplars: [{ ...good, at }] });
    note(SERIES, 1);
    note(SERIES, 2);
    expect(store.read().map(({ at }) => at)).toEqual([2]);
    for (let n = 0; n < 5_000; n++) note({ ...SERIES, labels: [String(n)] }, n);
    note(SERIES, 3);
    expect(store.read().length).toBe(2_000);
    expect(store.read().at(-1)?.at).toBe(3);
    expect(store.read()[0]?.at).toBe(3_001);
    note({ ...SERIES, version: "v2" }, 4);
    store.forget("v1");
    expect(store.read().map(({ version, at }) => [version, at])).toEqual([["v2", 4]]);
  });
});

describe("the exposition of exemplars", () => {
  const BUCKETS = [1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1];
  const exemplar = (bucket: number, durationMs: number, at: number): StoredExemplar => ({
    ...SERIES,
    bucket,
    durationMs,
    traceId: traceOf(at),
    at: NOW + at,
  });
  const shard = (exemplars?: readonly StoredExemplar[]): ShardState => ({
    histograms: [{ ...SERIES, sumMs: 12_345, buckets: BUCKETS }],
    counters: [],
    versions: [{ id: "v1", tag: "", seenAt: NOW }],
    breakers: [],
    ...(exemplars === undefined ? {} : { exemplars }),
  });
  const textOf = (format: "prometheus" | "openmetrics"): string => {
    // The third is an object that still runs the version before.
    const states = [shard([exemplar(3, 40, 1_500), exemplar(11, 12_000, 1)]), shard([exemplar(3, 30, 2_000)]), shard()];
    return formatExposition(collectSamples(mergeShards(states, NOW)), format);
  };

  test("is a trace, seconds and a time behind the bucket that counts them, the last of all shards", ({ expect }) => {
    const { samples } = parseExposition(textOf("openmetrics"), "openmetrics");
    const found = samples.flatMap(({ name, labels, exemplar: given }) =>
      given === undefined ? [] : [[name, labels["le"], given]],
    );
    expect(found).toEqual([
      [
        "http_request_duration_seconds_bucket",
        "0.05",
        { labels: { trace_id: traceOf(2_000) }, value: 0.03, at: 1_800_000_002 },
      ],
      [
        "http_request_duration_seconds_bucket",
        "+Inf",
        { labels: { trace_id: traceOf(1) }, value: 12, at: 1_800_000_000.001 },
      ],
    ]);
    expect(textOf("openmetrics")).toContain(`} 9 # {trace_id="${traceOf(2_000)}"} 0.03 1800000002\n`);
  });

  test("is nothing in Prometheus's own format, whose samples are the same", ({ expect }) => {
    const parsed = parseExposition(textOf("prometheus"), "prometheus");
    const { samples } = parseExposition(textOf("openmetrics"), "openmetrics");
    expect(textOf("prometheus")).not.toContain("trace_id");
    expect(samples.map(({ exemplar: _exemplar, ...sample }) => sample)).toEqual(parsed.samples);
  });

  test.for<[string, RegExp, string]>([
    ["outside of its bucket", /\} 0\.03 /, "} 0.051 "],
    ["too long", /# \{trace_id="0/, `# {trace_id="${"0".repeat(100)}`],
    ["of a sum", /(_sum\S*) 37\.035\n/, '$1 37.035 # {trace_id="1"} 1 1\n'],
    ["without a time", / 1800000002\n/, "\n"],
  ])("%s is found by the parser of these tests", ([, pattern, replacement], { expect }) => {
    const text = textOf("openmetrics");
    expect(text).toMatch(pattern);
    expect(() => parseExposition(text.replace(pattern, replacement), "openmetrics")).toThrow();
  });
});
