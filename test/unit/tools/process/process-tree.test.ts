import { describe, test } from "vitest";

import { descendantsOf, readParents } from "../../../../tools/process/process-tree.ts";

describe("processes below ours", () => {
  test("are children and theirs, whatever their order", ({ expect }) => {
    const parents = new Map([
      [30, 20],
      [20, 10],
      [40, 1],
      [10, 1],
      [50, 99],
    ]);
    expect(descendantsOf(10, parents)).toEqual([30, 20]);
  });

  test("are found of a process that runs", ({ expect }) => {
    expect(descendantsOf(process.ppid, readParents())).toContain(process.pid);
  });
});
