import { describe, test } from "vitest";

import { quantile, sort } from "../../../../tools/release/judge/distribution.ts";
import {
  ACCEPT_UP_TO,
  type Bout,
  countingBout,
  REJECT_FROM,
  resultOf,
  weigh,
} from "../../../../tools/release/judge/evidence.ts";
import { createRandom } from "../../../../tools/release/judge/simulation/random.ts";
import { MAX_EXTENSION, phaseOf } from "../../../../tools/release/judge/window.ts";

const bouts = (...results: readonly Bout["result"][]): readonly Bout[] =>
  results.map((result) =>
    result === "worse" ? { result, tolerated: 0.1, faulty: 0.4 } : { result, tolerated: 0.9, faulty: 0.6 },
  );

describe("evidence", () => {
  test("is the logarithm of the ratio of both likelihoods", ({ expect }) => {
    expect(weigh(bouts("worse"))).toBeCloseTo(Math.log(4), 10);
    expect(weigh(bouts("worse", "even"))).toBeCloseTo(Math.log(4 * (0.6 / 0.9)), 10);
    expect(weigh([])).toBe(0);
  });

  test("of the new version counts less under weather that the old one shows", ({ expect }) => {
    // One of two bouts is the old version's: half of what is left is chance, half the fault.
    expect(weigh(bouts("worse", "better"))).toBeCloseTo(Math.log((0.7 / 0.55) * (0.3 / 0.45)), 10);
  });

  test("of good conduct has an end, so that it does not excuse what comes later", ({ expect }) => {
    const good = Array.from({ length: 1_000 }, () => "even" as const);
    expect(weigh(bouts(...good))).toBeCloseTo(-REJECT_FROM, 10);
    expect(weigh(bouts(...good, ...Array.from({ length: 20 }, () => "worse" as const)))).toBeGreaterThan(REJECT_FROM);
  });

  test("has Wald's bounds for the rates that are promised", ({ expect }) => {
    expect(Math.exp(REJECT_FROM)).toBeCloseTo(0.95 / 0.0015, 6);
    expect(Math.exp(ACCEPT_UP_TO)).toBeCloseTo(0.05 / 0.9985, 6);
  });

  /** Share of 2,000 windows of 200 blocks that reach one bound before the other. */
  function shareThatEnds(at: "rejected" | "accepted", worse: number): number {
    const random = createRandom(4);
    let count = 0;
    for (let run = 0; run < 2_000; run++) {
      const seen: Bout["result"][] = [];
      let evidence = 0;
      while (evidence < REJECT_FROM && evidence > ACCEPT_UP_TO && seen.length < 200) {
        seen.push(random() < worse ? "worse" : "even");
        evidence = weigh(bouts(...seen));
      }
      if (at === "rejected" ? evidence >= REJECT_FROM : evidence <= ACCEPT_UP_TO) count++;
    }
    return count / 2_000;
  }

  test("errs as rarely as is promised, at the tolerance and at the fault", ({ expect }) => {
    expect(shareThatEnds("rejected", 0.1)).toBeLessThan(0.0015 + 0.002);
    expect(shareThatEnds("accepted", 0.4)).toBeLessThan(0.05 + 0.01);
  });

  test("comes from differences in which less is better", ({ expect }) => {
    expect([0.1, 0, -0.1].map(resultOf)).toEqual(["worse", "even", "better"]);
  });

  describe("by counts", () => {
    const RATES = { tolerated: 0.005, faulty: 0.035 };
    const evidenceOf = (failed: number, requests: number): number =>
      weigh([countingBout(failed / requests, requests, RATES)]);

    test("is whether one failed, while hardly more than one could", ({ expect }) => {
      expect(evidenceOf(1, 8)).toBeCloseTo(Math.log((1 - Math.exp(-8 * 0.035)) / (1 - Math.exp(-8 * 0.005))), 10);
      expect(evidenceOf(8, 8)).toBe(evidenceOf(1, 8));
    });

    test("grows with the count, up to what the fault would bring", ({ expect }) => {
      const [none, one, two, many] = [0, 1, 2, 40].map((failed) => evidenceOf(failed, 48));
      expect(none).toBeLessThan(0);
      expect(one).toBeGreaterThan(0);
      expect(two).toBeGreaterThan(3 * (one ?? 0));
      expect(many).toBe(two);
    });

    test("of two seconds is never enough, and of three it may be", ({ expect }) => {
      const broken = countingBout(1, 100_000, RATES);
      expect(weigh([broken, broken])).toBeLessThan(REJECT_FROM);
      expect(weigh([broken, broken, broken])).toBeGreaterThan(REJECT_FROM);
    });

    test("is finite for any number of requests", ({ expect }) => {
      for (const requests of [1, 10, 1_000, 1_000_000])
        for (const failed of [0, 1, requests]) expect(evidenceOf(failed, requests)).not.toBeNaN();
      expect(evidenceOf(0, 1_000_000)).toBe(evidenceOf(0, 200));
    });

    test("tells less than one request of difference from none", ({ expect }) => {
      expect(countingBout(0.01, 20, RATES).result).toBe("even");
      expect(countingBout(-0.05, 20, RATES).result).toBe("better");
    });
  });
});

describe("a window", () => {
  const at = (passedMs: number, oldestPendingMs = 0) => phaseOf({ passedMs, bakeMs: 10_000, oldestPendingMs });

  test("is open, due, and over for good", ({ expect }) => {
    expect([9_999, 10_000, 10_000 * MAX_EXTENSION - 1, 10_000 * MAX_EXTENSION].map((ms) => at(ms))).toEqual([
      "open",
      "due",
      "due",
      "last",
    ]);
  });

  test("waits for requests of its time, unless they may be answered in a moment", ({ expect }) => {
    expect([at(10_000, 499), at(10_000, 500), at(10_499, 500), at(10_500, 500)]).toEqual([
      "due",
      "open",
      "open",
      "due",
    ]);
    expect(at(30_000, 2_000)).toBe("due");
    expect(at(32_000, 2_000)).toBe("last");
  });
});

describe("quantiles", () => {
  test("are interpolated between neighbours", ({ expect }) => {
    const sorted = sort([30, 10, 40, 20]);
    expect([quantile(sorted, 0.5), quantile(sorted, 1)]).toEqual([25, 40]);
    expect(quantile(sort([]), 0.5)).toBeNaN();
  });
});
