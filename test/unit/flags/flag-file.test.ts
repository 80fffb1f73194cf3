import { describe, test } from "vitest";

import { formatFlagFile, MAX_FLAG_FILE_LENGTH, parseFlagFile } from "../../../src/flags/flag-file.ts";
import { FEATURE_FLAGS, FLAG_NAMES } from "../../../src/models/feature-flag.ts";

const file = (flags: unknown, version: unknown = 1): string => JSON.stringify({ version, flags });

describe("a flag file", () => {
  test("says of flags whether they are on, off, or on for a share", ({ expect }) => {
    const states = { a: "on", b: "off", c: "0%", d: "7%", e: "100%", "of-another-version": "25%" };
    expect(parseFlagFile(file(states))).toEqual({ isValid: true, flags: new Map(Object.entries(states)) });
    expect(parseFlagFile(file({}))).toEqual({ isValid: true, flags: new Map() });
  });

  test("may have members that a later version of the code reads", ({ expect }) => {
    expect(parseFlagFile('{"version":1,"flags":{"a":"on"},"changed_by":"somebody"}')).toMatchObject({ isValid: true });
  });

  test.for([
    ["", "is no JSON"],
    ["{", "is no JSON"],
    ["null", "the file"],
    ["[]", "the file"],
    [file({}, 2), "version must be 1"],
    ['{"version":1}', "flags"],
    [file({ a: true }), "flags.a must be on, off"],
    [file({ a: "ON" }), "flags.a must be on, off"],
    [file({ a: "101%" }), "flags.a must be on, off"],
    [file({ a: "2.5%" }), "flags.a must be on, off"],
    [file({ a: "07%" }), "flags.a must be on, off"],
    [file({ a: "-1%" }), "flags.a must be on, off"],
    [file({ "A B": "on" }), "flags.A B"],
  ] as const)("that is wrong says where: %s", ([text, finding], { expect }) => {
    const parsed = parseFlagFile(text);
    expect(parsed).toMatchObject({ isValid: false, finding: expect.stringContaining(finding) });
  });

  test("is not read when it is far too long", ({ expect }) => {
    const text = file({ a: "on" });
    expect(parseFlagFile(text.padEnd(MAX_FLAG_FILE_LENGTH))).toMatchObject({ isValid: true });
    expect(parseFlagFile(text.padEnd(MAX_FLAG_FILE_LENGTH + 1))).toEqual({ isValid: false, finding: "is too long" });
  });

  test("never tells a value of it", ({ expect }) => {
    const parsed = parseFlagFile(file({ a: "s3cr3t" }));
    expect(JSON.stringify(parsed)).not.toContain("s3cr3t");
  });

  test("is written so that it reads back, in one order", ({ expect }) => {
    const flags = new Map([
      ["b", "25%"],
      ["a", "off"],
    ] as const);
    expect(formatFlagFile(flags)).toBe('{"version":1,"flags":{"a":"off","b":"25%"}}');
    expect(parseFlagFile(formatFlagFile(flags))).toEqual({ isValid: true, flags });
  });

  test("gives no flag by the members that every object has", ({ expect }) => {
    expect(parseFlagFile('{"version":1,"flags":{"__proto__":"on"}}')).toEqual({ isValid: true, flags: new Map() });
  });
});

test("every flag has a name that the file can hold, and is listed", ({ expect }) => {
  expect(FLAG_NAMES).toEqual(Object.keys(FEATURE_FLAGS));
  expect(parseFlagFile(file(Object.fromEntries(FLAG_NAMES.map((name) => [name, "on"]))))).toMatchObject({
    isValid: true,
  });
});
