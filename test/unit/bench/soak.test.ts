import { describe, test } from "vitest";

import { judgeSoak, MAX_MEGABYTES } from "../../../bench/soak/judge.ts";
import { type MemorySample, trendOf } from "../../../bench/soak/trend.ts";
import { hasSettled } from "../../../bench/soak/warm-up.ts";

/** Five minutes, a sample a second. */
const soak = (memoryAt: (second: number) => number): MemorySample[] =>
  Array.from({ length: 301 }, (_, second) => ({ second, megabytes: memoryAt(second) }));

/** The same each time, between -1 and 1. */
const noise = (second: number): number => Math.sin(second * 12.9898) * Math.cos(second * 78.233);

describe("memory over a soak", () => {
  test("a straight line has its slope, and no doubt about it", ({ expect }) => {
    const { megabytesPerMinute, standardError } = trendOf(soak((second) => 100 + second / 20));
    expect(megabytesPerMinute).toBeCloseTo(3);
    expect(standardError).toBeCloseTo(0);
  });

  test("flat memory passes, noise or not", ({ expect }) => {
    expect(judgeSoak(soak(() => 120)).problems).toEqual([]);
    expect(judgeSoak(soak((second) => 120 + 20 * noise(second))).problems).toEqual([]);
  });

  test("growth in the first minute does not count", ({ expect }) => {
    expect(judgeSoak(soak((second) => 80 + Math.min(second, 60))).problems).toEqual([]);
  });

  test("a leak is found in noise", ({ expect }) => {
    const { problems, trend } = judgeSoak(soak((second) => 100 + second / 10 + 5 * noise(second)));
    expect(trend.megabytesPerMinute).toBeCloseTo(6, 0);
    expect(problems).toEqual([expect.stringContaining("memory grows by at least")]);
  });

  test("the saw-tooth of a collector is no leak, wherever it is cut off", ({ expect }) => {
    for (const period of [37, 70, 110]) {
      const { problems } = judgeSoak(soak((second) => 100 + ((second % period) / period) * 60));
      expect(problems).toEqual([]);
    }
  });

  test("a maximum over the limit fails, also in the first minute", ({ expect }) => {
    const { problems, maxMegabytes } = judgeSoak(soak((second) => (second === 5 ? MAX_MEGABYTES + 1 : 100)));
    expect(maxMegabytes).toBe(MAX_MEGABYTES + 1);
    expect(problems).toEqual([expect.stringContaining(`over ${MAX_MEGABYTES} MB`)]);
  });

  test("a process has settled when a minute adds less than 2 MB", ({ expect }) => {
    expect([[], [90], [90, 120], [90, 120, 123]].map(hasSettled)).toEqual([false, false, false, false]);
    expect(
      [
        [120, 121.5],
        [150, 130],
      ].map(hasSettled),
    ).toEqual([true, true]);
  });

  test("two samples are no trend", ({ expect }) => {
    expect(() => judgeSoak(soak(() => 1).slice(0, 62))).toThrow("three samples");
  });
});
