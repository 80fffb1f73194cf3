import fc from "fast-check";
import { describe, test } from "vitest";

import { bucketOf, isInRollout } from "../../../src/flags/rollout.ts";

const CALLERS = Array.from({ length: 20_000 }, (_, place) => `caller-${place}`);
const FLAG = "users-events-stream";

describe("a rollout to a share of the callers", () => {
  test.for([1, 10, 25, 50, 99])(
    "of %s percent has about as many of them, whatever they are called",
    (percent, { expect }) => {
      // Five standard deviations of a fair draw; the callers are fixed, so it either holds or not.
      const room = 5 * Math.sqrt((percent / 100) * (1 - percent / 100) * CALLERS.length);
      for (const name of [FLAG, "a", "another-flag"]) {
        const share = CALLERS.filter((caller) => isInRollout(name, caller, percent)).length;
        expect(Math.abs(share - (CALLERS.length * percent) / 100)).toBeLessThan(room);
      }
    },
  );

  test("deals evenly into its buckets (chi-square over 100 of them)", ({ expect }) => {
    const bucket = (caller: string): number => Math.floor(bucketOf(FLAG, caller) / 100);
    const counts = Array.from({ length: 100 }, () => 0);
    for (const caller of CALLERS) counts[bucket(caller)] = (counts[bucket(caller)] ?? 0) + 1;
    const expected = CALLERS.length / 100;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 99 degrees of freedom: the 99.9th percentile is 148.2, the 0.1th 60.
    expect(chiSquare).toBeLessThan(148.2);
    expect(chiSquare).toBeGreaterThan(60);
  });

  test("keeps whoever has it when the share grows", ({ expect }) => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 99 }), (caller, percent) => {
        if (isInRollout(FLAG, caller, percent)) expect(isInRollout(FLAG, caller, percent + 1)).toBe(true);
      }),
    );
  });

  test("is nobody at 0 % and everybody at 100 %", ({ expect }) => {
    expect(CALLERS.filter((caller) => isInRollout(FLAG, caller, 0))).toEqual([]);
    expect(CALLERS.filter((caller) => !isInRollout(FLAG, caller, 100))).toEqual([]);
  });

  test("picks other callers for another flag", ({ expect }) => {
    const both = CALLERS.filter((caller) => isInRollout(FLAG, caller, 50) && isInRollout("other", caller, 50));
    expect(both.length / CALLERS.length).toBeCloseTo(0.25, 1);
  });

  test("is the same in every version of the code: these numbers may never change", ({ expect }) => {
    expect(["anonymous", "api-key", "release", "é"].map((caller) => bucketOf(FLAG, caller))).toEqual([
      4_002, 8_777, 253, 599,
    ]);
  });
});
