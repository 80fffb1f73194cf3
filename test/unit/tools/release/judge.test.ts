import { describe, test } from "vitest";

import { countAbove, quantile, rankTest, sort } from "../../../../tools/release/judge/distribution.ts";
import { leastIncrease, wilsonInterval } from "../../../../tools/release/judge/intervals.ts";
import { DEFAULT_LIMITS, judge } from "../../../../tools/release/judge/judge.ts";
import type { Comparison, Measurement } from "../../../../tools/release/measure/measurement.ts";

const OPEN = { isOver: false };
const OVER = { isOver: true };

/** Answers that all take about as long: 1 ms apart around the median. */
const around = (medianMs: number, count: number): number[] =>
  Array.from({ length: count }, (_, place) => medianMs - 2 + (place % 5));

function measure(samples: number, errors = 0, latenciesMs = around(20, samples - errors)): Measurement {
  return { samples, errors, latenciesMs };
}

const compare = (candidate: Measurement, baseline: Measurement): Comparison => ({ candidate, baseline, examples: [] });

describe("too few requests", () => {
  const broken = compare(measure(49, 49), measure(500));

  test("decide nothing, however bad they look", ({ expect }) => {
    expect(judge(broken, OPEN)).toEqual({ kind: "undecided" });
  });

  test("are told when the time is over", ({ expect }) => {
    expect(judge(broken, OVER)).toEqual({
      kind: "too-few-samples",
      reasons: ["49 requests of the new version were measured, 49 of them failed; a decision needs 50"],
    });
  });

  test("of the old version count as well", ({ expect }) => {
    const comparison = compare(measure(500, 500), measure(3));
    expect(judge(comparison, OPEN).kind).toBe("undecided");
    expect(judge(comparison, OVER)).toEqual({
      kind: "too-few-samples",
      reasons: ["3 requests of the old version were measured, 0 of them failed; a decision needs 50"],
    });
  });

  test("are what a version without any has", ({ expect }) => {
    expect(judge(compare(measure(0), measure(0)), OVER).kind).toBe("too-few-samples");
  });

  test("are as few as the limits say", ({ expect }) => {
    const limits = { ...DEFAULT_LIMITS, minSamples: 20 };
    expect(judge(broken, OPEN, limits).kind).toBe("unhealthy");
  });
});

describe("errors", () => {
  test("of every request are told at the least number of requests, while the time runs", ({ expect }) => {
    expect(judge(compare(measure(50, 50), measure(50)), OPEN)).toEqual({
      kind: "unhealthy",
      reasons: ["50 of 50 requests failed (100 %), 0 of 50 on the old version"],
    });
  });

  test("are told with their numbers", ({ expect }) => {
    expect(judge(compare(measure(112, 5), measure(113)), OPEN)).toEqual({
      kind: "unhealthy",
      reasons: ["5 of 112 requests failed (4.5 %), 0 of 113 on the old version"],
    });
  });

  test("of three in the least number of requests are enough, two are not", ({ expect }) => {
    expect(judge(compare(measure(50, 3), measure(50)), OPEN).kind).toBe("unhealthy");
    expect(judge(compare(measure(50, 2), measure(50)), OPEN).kind).toBe("undecided");
  });

  test("that chance explains leave it open, and then healthy", ({ expect }) => {
    const comparison = compare(measure(112, 2), measure(113));
    expect(judge(comparison, OPEN).kind).toBe("undecided");
    expect(judge(comparison, OVER)).toEqual({
      kind: "healthy",
      reasons: [
        "2 of 112 requests failed (1.8 %), 0 of 113 on the old version",
        "the median answer took 20 ms, 20 ms on the old version",
        "95 % of answers took at most 22 ms, 22 ms on the old version",
      ],
    });
  });

  test("within the tolerance are no reason, however sure they are", ({ expect }) => {
    expect(judge(compare(measure(100_000, 900, around(20, 60)), measure(100_000, 0, around(20, 60))), OVER).kind).toBe(
      "healthy",
    );
    expect(judge(compare(measure(100_000, 1_200, []), measure(100_000, 0, [])), OVER).kind).toBe("unhealthy");
  });

  test("that both versions have are not the new one's fault, but nothing is released during an outage", ({
    expect,
  }) => {
    const outage = compare(measure(240, 125), measure(240, 120));
    expect(judge(outage, OPEN).kind).toBe("undecided");
    expect(judge(outage, OVER)).toEqual({
      kind: "unhealthy",
      reasons: [
        "both versions fail, so the new one cannot be judged: 125 of 240 requests failed (52.1 %), 120 of 240 (50 %) on the old version",
      ],
    });
  });

  test("of an outage that was short do not stop a release", ({ expect }) => {
    expect(judge(compare(measure(240, 17), measure(240, 16)), OVER).kind).toBe("healthy");
  });

  test("that are three times as frequent as before are told in the end", ({ expect }) => {
    const degraded = compare(measure(350, 23), measure(350, 8));
    expect(judge(degraded, OPEN).kind).toBe("undecided");
    expect(judge(degraded, OVER).kind).toBe("unhealthy");
  });

  test("that only the old version has do not stop its replacement", ({ expect }) => {
    expect(judge(compare(measure(240), measure(240, 120)), OVER).kind).toBe("healthy");
  });
});

describe("latency", () => {
  const compareLatencies = (now: number[], before: number[]): Comparison =>
    compare(measure(now.length, 0, now), measure(before.length, 0, before));

  test("that doubles is told while the time runs", ({ expect }) => {
    expect(judge(compareLatencies(around(48, 60), around(24, 60)), OPEN)).toEqual({
      kind: "unhealthy",
      reasons: ["the median answer took 48 ms, 24 ms on the old version"],
    });
  });

  test("that grows by a few milliseconds does not count, however large the ratio", ({ expect }) => {
    const [now, before] = [Array.from({ length: 60 }, () => 5), Array.from({ length: 60 }, () => 1)];
    expect(judge(compareLatencies(now, before), OVER).kind).toBe("healthy");
  });

  test("that grows by many milliseconds but little in proportion does not count", ({ expect }) => {
    expect(judge(compareLatencies(around(280, 60), around(200, 60)), OVER).kind).toBe("healthy");
  });

  test("of the slowest is told", ({ expect }) => {
    const now = [...around(24, 180), ...around(400, 60)];
    expect(judge(compareLatencies(now, around(24, 240)), OPEN)).toEqual({
      kind: "unhealthy",
      reasons: ["95 % of answers took at most 402 ms, 26 ms on the old version"],
    });
  });

  test("of a cold start does not count", ({ expect }) => {
    const now = [...around(400, 10), ...around(24, 50)];
    expect(judge(compareLatencies(now, around(24, 60)), OVER).kind).toBe("healthy");
  });

  test("is excused at the start only", ({ expect }) => {
    const now = [...around(24, 220), ...around(400, 20)];
    expect(judge(compareLatencies(now, around(24, 240)), OVER).kind).toBe("unhealthy");
    expect(judge(compareLatencies(now.toReversed(), around(24, 240)), OVER).kind).toBe("healthy");
  });

  test("of a version that got faster is welcome", ({ expect }) => {
    expect(judge(compareLatencies(around(24, 60), around(480, 60)), OVER).kind).toBe("healthy");
  });

  test("that cannot be compared is no reason to go on, as when the old version fails every request", ({ expect }) => {
    const failing = compare(measure(125, 0, around(40, 125)), measure(125, 125, []));
    expect(judge(failing, OPEN).kind).toBe("undecided");
    expect(judge(failing, OVER).kind).not.toBe("healthy");
    const comparison = compare(measure(60, 0, [900]), measure(60, 0, [1]));
    expect(judge(comparison, OVER)).toEqual({
      kind: "too-few-samples",
      reasons: [
        "0 of 60 requests failed (0 %), 0 of 60 on the old version",
        "too few answers to compare how long they took",
      ],
    });
  });

  test("and errors are both told", ({ expect }) => {
    const comparison = compare(measure(100, 40, around(60, 60)), measure(100, 0, around(20, 100)));
    expect(judge(comparison, OPEN)).toMatchObject({
      kind: "unhealthy",
      reasons: [expect.stringContaining("40 of 100"), expect.stringContaining("60 ms")],
    });
  });
});

describe("the statistics", () => {
  const Z_95 = 1.959964;

  test.for([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
  ] as const)("give the interval that was published for %i of %i", ([count, of, lower, upper], { expect }) => {
    const interval = wilsonInterval({ count, of }, Z_95);
    expect(interval.lower).toBeCloseTo(lower, 4);
    expect(interval.upper).toBeCloseTo(upper, 4);
  });

  test.for([
    [56, 70, 48, 80, 0.0524],
    [9, 10, 3, 10, 0.1705],
    [5, 56, 0, 29, -0.0381],
  ] as const)("give the published lower limit for %i of %i less %i of %i", ([a, m, b, n, lower], { expect }) => {
    expect(leastIncrease({ count: a, of: m }, { count: b, of: n }, Z_95)).toBeCloseTo(lower, 4);
  });

  test("know nothing without requests", ({ expect }) => {
    expect(wilsonInterval({ count: 0, of: 0 }, Z_95)).toEqual({ lower: 0, upper: 1 });
  });

  test("interpolate quantiles and count what is above a limit", ({ expect }) => {
    const sorted = sort([30, 10, 40, 20]);
    expect(quantile(sorted, 0.5)).toBe(25);
    expect(quantile(sorted, 1)).toBe(40);
    expect([0, 20, 25, 40].map((limit) => countAbove(sorted, limit))).toEqual([4, 2, 2, 0]);
    expect(quantile(sort([]), 0.5)).toBeNaN();
  });

  test("rank values: the sum over pairs, in standard errors, ties counting half", ({ expect }) => {
    // 6 of 9 pairs are larger, 4.5 are expected, the variance is 9 · 7 / 12.
    expect(rankTest(sort([5, 3, 4]), sort([6, 1, 2]))).toBeCloseTo(1.5 / Math.sqrt(5.25), 10);
    expect(rankTest(sort([1, 2, 2, 3]), sort([1, 2, 2, 3]))).toBe(0);
    expect(rankTest(sort([2, 2]), sort([1, 2]))).toBeCloseTo(1 / Math.sqrt(20 / 12), 10);
    expect(rankTest(sort([]), sort([1]))).toBe(0);
  });
});
