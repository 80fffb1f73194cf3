import { describe, test } from "vitest";

import {
  type RetainedVersion,
  versionsToRetire,
} from "../../../../../tools/cloudflare-emulator/data-plane/versions/retention.ts";

const version = (number: number, parts: Partial<RetainedVersion> = {}): RetainedVersion => ({
  id: `v${number}`,
  number,
  isNeeded: false,
  isFresh: false,
  isVisited: false,
  ...parts,
});
const retired = (versions: RetainedVersion[], warmVersions: number): string[] =>
  [...versionsToRetire(versions, warmVersions)].toSorted();

describe("Versions without a deployment", () => {
  test("go, but for the newest", ({ expect }) => {
    expect(retired([version(2), version(4), version(1), version(3)], 2)).toEqual(["v1", "v2"]);
  });

  test("stay while they are needed, fresh or visited, and do not take the place of others then", ({ expect }) => {
    const busy = [version(1, { isNeeded: true }), version(2, { isFresh: true }), version(9, { isVisited: true })];
    expect(retired([...busy, version(3), version(4)], 1)).toEqual(["v3"]);
    expect(retired([...busy, version(3), version(4)], 0)).toEqual(["v3", "v4"]);
    expect(retired(busy, 0)).toEqual([]);
  });
});
