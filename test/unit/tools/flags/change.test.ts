import { describe, test } from "vitest";

import { changeFlag, formatFlags, readFlags } from "../../../../tools/flags/change.ts";

const FLAG = "users-events-stream";
const flags = (states: Readonly<Record<string, string>>) => readFlags(JSON.stringify({ version: 1, flags: states }));

describe("a change of the flag file", () => {
  test("leaves other flags alone, those of other versions too", ({ expect }) => {
    const before = flags({ [FLAG]: "on", "of-another-version": "5%" });
    expect(readFlags(changeFlag(before, FLAG, "off"))).toEqual(flags({ [FLAG]: "off", "of-another-version": "5%" }));
    expect(readFlags(changeFlag(before, FLAG, null))).toEqual(flags({ "of-another-version": "5%" }));
  });

  test("begins with nothing where there is no file", ({ expect }) => {
    expect(changeFlag(readFlags(null), FLAG, "25%")).toBe(`{"version":1,"flags":{"${FLAG}":"25%"}}`);
  });

  test("does not touch an invalid file unless it is to be replaced", ({ expect }) => {
    expect(() => readFlags('{"version":1,"flags":{"a":"s3cr3t"}}')).toThrow(/flags\.a must be on, off.*--replace/);
  });
});

describe("the list of flags", () => {
  test("has those of this version, with defaults, and those that only another one knows", ({ expect }) => {
    expect(formatFlags(readFlags(null)).split("\n")).toEqual([
      "flag                 state         decides",
      expect.stringMatching(/^users-events-stream {2}on \(default\) {2}Whether the feed/),
    ]);
    expect(formatFlags(flags({ [FLAG]: "25%", other: "off" })).split("\n")).toEqual([
      "flag                 state  decides",
      expect.stringMatching(/^users-events-stream {2}25% {4}Whether/),
      "other                off    (nothing in this version)",
    ]);
  });
});
