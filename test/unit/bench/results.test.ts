import { describe, test } from "vitest";

import { judge, judgeTelemetry, MAX_TELEMETRY_CPU, MIN_RATIO_TO_FLOOR } from "../../../bench/guard/judge.ts";
import { assertAnswers, type LoadResult } from "../../../bench/load/load.ts";
import { percentileOf } from "../../../bench/load/percentile.ts";
import { drawPicture } from "../../../bench/report/chart.ts";
import { toMatrixReport, toMatrixTable } from "../../../bench/report/matrix-report.ts";
import { duration, ratio, short } from "../../../bench/report/text.ts";
import { estimateSeconds } from "../../../bench/run/estimate.ts";
import { type Measured, orderOf } from "../../../bench/run/matrix.ts";
import { medianOf, summarize } from "../../../bench/run/summary.ts";
import { findScenario } from "../../../bench/scenarios/index.ts";
import { targetVariant } from "../../../bench/variants/target.ts";
import { MACHINE } from "./machine.ts";

const result = (rps: number, overrides: Partial<LoadResult> = {}): LoadResult => ({
  requests: rps * 3,
  rps,
  p50Ms: 1,
  p99Ms: 9,
  refusals: 0,
  socketErrors: 0,
  ...overrides,
});

const measured = (variant: string, round: number, rps: number): Measured => ({
  scenario: "get-by-id",
  connections: 16,
  variant,
  round,
  result: result(rps),
  // A processor that is always busy.
  cpuUs: 1_000_000 / rps,
});

describe("results", () => {
  test("ratios are made within a round, so that a slow round does not count", ({ expect }) => {
    const rounds = [
      [measured("api", 1, 900), measured("floor", 1, 1_000)],
      [measured("floor", 2, 100), measured("api", 2, 90)],
      [measured("api", 3, 800), measured("floor", 3, 1_000)],
    ];
    const summary = summarize(rounds.flat())["get-by-id"]?.["16"];
    expect(summary?.["api"]).toMatchObject({
      rps: 800,
      p50_ms: 1,
      p99_ms: 9,
      ratio_to_floor: 0.9,
      ratio_to_hello: null,
      ratio_to_api: 1,
      p99_to_api: 1,
      cpu_us: 1_250,
      cpu_to_hello: null,
      cpu_to_api: 1,
    });
    expect(summary?.["api"]?.raw.map(({ rps }) => rps)).toEqual([900, 90, 800]);
    expect(summary?.["floor"]).toMatchObject({ ratio_to_floor: 1, ratio_to_api: 1_000 / 900, cpu_to_api: 0.9 });
  });

  test("a service whose process is not ours has no processor time", ({ expect }) => {
    const summary = summarize([measured("api", 1, 900), { ...measured("other", 1, 900), cpuUs: null }]);
    expect(summary["get-by-id"]?.["16"]?.["other"]).toMatchObject({ ratio_to_api: 1, cpu_us: null, cpu_to_api: null });
  });

  test("without the reference there is no ratio", ({ expect }) => {
    const summary = summarize([measured("api", 1, 900)])["get-by-id"]?.["16"];
    expect(summary?.["api"]?.ratio_to_floor).toBeNull();
  });

  test("the median of an even number of values is between the middle ones", ({ expect }) => {
    expect([medianOf([3, 1, 2]), medianOf([4, 1, 3, 2]), medianOf([5])]).toEqual([2, 2.5, 5]);
  });

  test("percentiles", ({ expect }) => {
    const values = Float64Array.from({ length: 100 }, (_, place) => place + 1);
    expect([percentileOf(values, 0.5), percentileOf(values, 0.99), percentileOf([], 0.5)]).toEqual([51, 100, 0]);
  });

  test("every second round goes the other way round", ({ expect }) => {
    expect([1, 2, 3].map((round) => orderOf(["a", "b"], round).join(""))).toEqual(["ab", "ba", "ab"]);
  });

  test("the estimate counts what a variant serves", ({ expect }) => {
    const variant = targetVariant("one", "http://127.0.0.1");
    const matrix = { scenarios: [findScenario("health")], connections: [1, 16], variants: [variant], rounds: 2 };
    const seconds = estimateSeconds({ ...matrix, seconds: 3, warmupSeconds: 1 });
    expect(seconds).toBeGreaterThan(16);
    expect(seconds).toBeLessThan(20);
    const none = { ...variant, serves: () => false };
    expect(estimateSeconds({ ...matrix, variants: [none], seconds: 3, warmupSeconds: 1 })).toBe(0);
  });
});

describe("answers that mean nothing end a measurement", () => {
  const reading = { scenario: findScenario("get-by-id") };
  const refusing = { scenario: findScenario("unauthorized") };

  test("all as it should be", ({ expect }) => {
    expect(() => assertAnswers("api", reading, result(10))).not.toThrow();
    expect(() => assertAnswers("api", refusing, result(10, { refusals: 30 }))).not.toThrow();
  });

  test.for([
    [reading, result(10, { refusals: 1 }), "1 of 30 requests were refused, none should have been"],
    [refusing, result(10, { refusals: 29 }), "29 of 30 requests were refused, all should have been"],
    [reading, result(10, { socketErrors: 2 }), "2 requests were not answered"],
    [reading, result(0), "no request was answered"],
  ] as const)("%$", ([load, wrong, message], { expect }) => {
    expect(() => assertAnswers("api", load, wrong)).toThrow(message);
  });
});

describe("the guard", () => {
  const raw = [{ round: 1, requests: 1, rps: 1, p50_ms: 1, p99_ms: 1, cpu_us: 1 }];

  test("passes at the limit and fails below it", ({ expect }) => {
    expect(judge({ ratio_to_floor: MIN_RATIO_TO_FLOOR, raw })).toMatchObject({ isPassed: true });
    const failed = judge({ ratio_to_floor: MIN_RATIO_TO_FLOOR - 0.01, raw });
    expect(failed.isPassed).toBe(false);
    expect(failed.line).toMatch(/^FAILED .* below 0\.\d\d$/);
  });

  test("takes telemetry up to its limit and no further", ({ expect }) => {
    expect(judgeTelemetry({ cpu_to_api: MAX_TELEMETRY_CPU, raw })).toMatchObject({ isPassed: true });
    const failed = judgeTelemetry({ cpu_to_api: MAX_TELEMETRY_CPU + 0.01, raw });
    expect(failed.isPassed).toBe(false);
    expect(failed.line).toMatch(/^FAILED .* above 1\.\d\d$/);
  });

  test("does not pass without a measurement", ({ expect }) => {
    expect(judgeTelemetry({ cpu_to_api: null, raw }).isPassed).toBe(false);
    expect(judgeTelemetry({ cpu_to_api: 1, raw: [] }).isPassed).toBe(false);
    expect(judge({ ratio_to_floor: null, raw }).isPassed).toBe(false);
    expect(judge({ ratio_to_floor: 1, raw: [] }).isPassed).toBe(false);
  });
});

describe("reports", () => {
  const results = summarize([measured("api", 1, 900), measured("floor", 1, 1_000), measured("node", 1, 2_000)]);

  test("a table, a page and a picture of the same numbers", ({ expect }) => {
    const settings = { rounds: 1, seconds: 3, warmup_seconds: 1 };
    const { document, markdown, svg } = toMatrixReport(MACHINE, settings, results);
    expect(document).toEqual({ machine: MACHINE, settings, results });
    expect(markdown).toContain("| get-by-id | 16 | 900 | 1000 | 2000 | 0.90 | - |");
    expect(toMatrixTable(results).at(-1)).toMatch(/^get-by-id +16 +900 +1000 +2000 +0\.90/);
    expect(svg).toContain("Model &lt;X&gt;");
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("a picture of nothing, of zeros and of one point has numbers only", ({ expect }) => {
    const panel = { title: "t", xLabel: "x", isLogarithmic: true };
    const panels = [[], [{ x: 0, y: 0 }], [{ x: 5, y: 0.001 }]].map((points) => ({
      ...panel,
      series: [{ name: "s", points }],
    }));
    const svg = drawPicture({ title: "t", notes: [], panels, columns: 2 });
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("numbers for people", ({ expect }) => {
    expect([short(1_234.5), short(12.34), short(0.567), ratio(0.905), ratio(null)]).toEqual(
      "1235 12.3 0.57 0.91 -".split(" "),
    );
    expect([duration(12.2), duration(600), duration(7_200)]).toEqual(["13 s", "10 min", "2.0 h"]);
  });
});
