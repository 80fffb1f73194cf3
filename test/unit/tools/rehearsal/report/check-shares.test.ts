import { describe, test } from "vitest";

import { checkShares } from "../../../../../tools/rehearsal/report/check-shares.ts";
import type { Evaluation } from "../../../../../tools/rehearsal/report/evaluation.ts";
import type { StepShare } from "../../../../../tools/rehearsal/report/shares.ts";

const step = (target: number, share: number, requests = 600): StepShare => ({ target, share, requests });

/** Good releases with these steps, on a machine with room. */
const outcomeOf = (...releases: readonly (readonly StepShare[])[]): string | undefined => {
  const run = { scenario: { worker: "api", expected: { live: "new" } }, isSuperseded: false };
  const results = releases.map((shares) => ({ run, shares, isDisturbed: false }));
  return checkShares({ results } as unknown as Evaluation)?.outcome;
};

describe("the shares of steps", () => {
  test("hold when a short step is off by a few requests", ({ expect }) => {
    expect(outcomeOf([step(10, 9.1), step(50, 47.9)], [step(10, 11.1), step(50, 51.9)])).toBe("held");
  });

  test.for<[string, (readonly StepShare[])[]]>([
    [
      "a short step is off by more than a few requests",
      [
        [step(10, 10), step(50, 54)],
        [step(10, 10), step(50, 49)],
      ],
    ],
    ["a step of a thousand is off by more than two points", [[step(10, 10, 1_000), step(50, 52.1, 1_000)]]],
    ["a long step is off by more than two points", [[step(10, 10, 20_000), step(50, 52.1, 20_000)]]],
    ["all short steps are off to the same side", Array.from({ length: 9 }, () => [step(10, 10), step(50, 47.5)])],
    ["a step was not seen", [[step(10, 10)]]],
  ])("are broken when %s", ([, releases], { expect }) => {
    expect(outcomeOf(...releases)).toBe("broken");
  });
});
