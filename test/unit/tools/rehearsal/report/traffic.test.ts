import { describe, test } from "vitest";

import type { RequestRecord } from "../../../../../tools/rehearsal/load/record.ts";
import { checkAffinity } from "../../../../../tools/rehearsal/report/affinity.ts";
import { findDrains } from "../../../../../tools/rehearsal/report/drain.ts";
import { measureShares } from "../../../../../tools/rehearsal/report/shares.ts";
import type { LiveDeployment } from "../../../../../tools/rehearsal/scenarios/live-deployments.ts";

const deployment = (createdAt: number, ...shares: [string, number][]): LiveDeployment => ({
  id: `d${createdAt}`,
  createdAt,
  message: null,
  shares: shares.map(([versionId, percentage]) => ({ versionId, percentage })),
});

const record = (at: number, version: string, affinityKey: string | null = null, ms = 10): RequestRecord => ({
  at,
  ms,
  status: 200,
  isLate: false,
  version,
  affinityKey,
  operation: "list",
  injectedFault: null,
  problem: null,
});

const RUN = {
  candidate: "new",
  startedAt: 0,
  endedAt: 10_000,
  deployments: [
    deployment(1_000, ["new", 0], ["old", 100]),
    deployment(2_000, ["new", 10], ["old", 90]),
    deployment(5_000, ["new", 50], ["old", 50]),
    deployment(8_000, ["new", 100], ["old", 0]),
    deployment(9_000, ["new", 100]),
  ],
};

describe("shares", () => {
  test("are counted from when a step is in effect until the next one", ({ expect }) => {
    const records = [
      record(2_100, "new"), // Not yet in effect.
      ...Array.from({ length: 9 }, (_, index) => record(3_000 + index, "old")),
      record(3_100, "new"),
      record(5_100, "old"), // The next step has begun.
      record(6_500, "old"),
      record(6_600, "new"),
      record(6_600, "new", "key"),
    ];
    expect(measureShares(RUN, records, 1_000)).toEqual([
      { target: 10, share: 10, requests: 10 },
      { target: 50, share: 50, requests: 2 },
    ]);
  });

  test("are not made up where nothing was sent", ({ expect }) => {
    expect(measureShares(RUN, [], 1_000)).toEqual([]);
  });
});

describe("affinity", () => {
  test("sees a key that goes back", ({ expect }) => {
    const records = [record(2_500, "old", "a"), record(3_000, "new", "a"), record(3_500, "old", "a")];
    expect(checkAffinity(RUN, records)).toEqual({ moved: 1, movedBack: ["a"] });
  });

  test("goes by the order of sending, not of answering", ({ expect }) => {
    const records = [record(3_000, "new", "a"), record(2_500, "old", "a", 900)];
    expect(checkAffinity(RUN, records)).toEqual({ moved: 1, movedBack: [] });
  });

  test("looks at each key on its own, and not at requests without one", ({ expect }) => {
    const records = [record(2_500, "new", "a"), record(2_600, "old", "b"), record(2_700, "old")];
    expect(checkAffinity(RUN, records)).toEqual({ moved: 0, movedBack: [] });
  });

  test("ends where a rollback begins", ({ expect }) => {
    const run = { ...RUN, deployments: [deployment(2_000, ["new", 10], ["old", 90]), deployment(5_000, ["old", 100])] };
    const records = [record(3_000, "old", "a"), record(4_000, "new", "a"), record(5_500, "old", "a")];
    expect(checkAffinity(run, records)).toEqual({ moved: 1, movedBack: [] });
  });
});

describe("drains", () => {
  const back = [deployment(2_000, ["new", 50], ["old", 50]), deployment(8_500, ["old", 100])];

  test("count the requests that a version answered after it had left", ({ expect }) => {
    const records = [
      record(8_900, "new", null, 2_000),
      record(8_900, "new", null, 200), // Answered just then.
      record(9_000, "old", null, 2_000), // Of a version that stays.
      record(9_600, "new", null, 2_000), // Sent after.
    ];
    expect(findDrains(back, records, 500)).toEqual([{ versionId: "new", percentage: 50, requests: 1 }]);
  });

  test("are not those of a version without traffic", ({ expect }) => {
    expect(findDrains(RUN.deployments, [], 500)).toEqual([]);
  });
});
