import { describe, test } from "vitest";

import { describeCurve, type GrowthMeasured, toCurves } from "../../../bench/growth/curve.ts";
import { toGrowthReport, toGrowthTables } from "../../../bench/growth/report.ts";
import { MACHINE } from "./machine.ts";

const SIZES = [100, 1_000, 10_000, 100_000];

/** One round over all sizes, on a machine that is `slowness` times as slow as another time. */
const round = (number: number, costMs: (size: number) => number, slowness = 1): GrowthMeasured[] =>
  SIZES.map((size) => ({
    axis: "table",
    curve: "c",
    size,
    round: number,
    rps: 1_000 / (costMs(size) * slowness),
    p50Ms: costMs(size),
  }));

const curveOf = (costMs: (size: number) => number) => {
  const [curve] = toCurves([...round(1, costMs), ...round(2, costMs, 3)]);
  if (curve === undefined) throw new Error("there is no curve");
  return curve;
};

describe("cost of growth", () => {
  test("is relative to the smallest size of the same round", ({ expect }) => {
    const { points } = curveOf((size) => (size === 100_000 ? 2 : 1));
    expect(points.map(({ size, ratio }) => [size, Number(ratio.toFixed(6))])).toEqual([
      [100, 1],
      [1_000, 1],
      [10_000, 1],
      [100_000, 2],
    ]);
  });

  test.for([
    ["constant", () => 1, "flat or logarithmic"],
    ["logarithmic", (size: number) => Math.log10(size), "flat or logarithmic"],
    ["a square root", Math.sqrt, "STEEPER"],
    ["in proportion", (size: number) => size, "STEEPER"],
    ["falling", (size: number) => 1 / Math.sqrt(size), "falling"],
  ] as const)("%s", ([, costMs, words], { expect }) => {
    expect(describeCurve(curveOf(costMs))).toBe(words);
  });

  test("tables, pages and pictures hold the curves of their axis", ({ expect }) => {
    const curves = [curveOf(() => 1), { ...curveOf(() => 1), axis: "keys", curve: "other" }];
    const axes = [
      { name: "table", xLabel: "users" },
      { name: "keys", xLabel: "API keys" },
    ];
    const { markdown, svg, document } = toGrowthReport(MACHINE, { rounds: 2, seconds: 3 }, curves, axes);
    expect(document).toMatchObject({ curves });
    expect(markdown).toContain("| c | 1.00 | 1.00 | 1.00 | 1.00 | 667 | 667 | 0.000 | flat or logarithmic |");
    expect(toGrowthTables(curves, axes).join("\n")).toMatch(/API keys[^]*other/);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});
