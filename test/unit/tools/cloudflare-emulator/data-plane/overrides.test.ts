import fc from "fast-check";
import { describe, test } from "vitest";

import { parseStringMembers } from "../../../../../tools/cloudflare-emulator/data-plane/routing/overrides.ts";

const parse = (header: string): object | null => {
  const members = parseStringMembers(header);
  return members === null ? null : Object.fromEntries(members);
};

describe("Version overrides", () => {
  test.for([
    ['api="one"', { api: "one" }],
    ['api="one", telemetry="two"', { api: "one", telemetry: "two" }],
    ['  a="1",b="2"\t,\tc="3" ', { a: "1", b: "2", c: "3" }],
    ['api="one", api="two"', { api: "two" }],
    ['api="one";note=5;x, b="2"', { api: "one", b: "2" }],
    [String.raw`a="say \"hi\" \\"`, { a: String.raw`say "hi" \ `.trim() }],
    ['a=1, b=-2.5, c=token/x, d=:aGk=:, e=?1, f=@17, g=%"caf%c3%a9", h=("x" 1;p), i, j;k="l", z="9"', { z: "9" }],
    ['api="one", api=two', {}],
    ["", {}],
  ] as const)("reads %s", ([header, members], { expect }) => {
    expect(parse(header)).toEqual(members);
  });

  test.for([
    "api=",
    'api="one',
    'api="one",',
    'api="one" telemetry="two"',
    'api="o\\ne"',
    'API="one"',
    '1api="one"',
    'api="é"',
    "api=1.2345",
    "api=1234567890123456",
    "api=(1",
    'api="one";',
    ',api="one"',
    "=",
  ])("takes %s for malformed", (header, { expect }) => {
    expect(parse(header)).toBeNull();
  });

  test("reads back every string", ({ expect }) => {
    const value = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCodePoint(code)) });
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,20}$/), value), (members) => {
        const header = Object.entries(members).map(([key, text]) => `${key}="${text.replaceAll(/["\\]/g, "\\$&")}"`);
        expect(parse(header.join(", "))).toEqual({ ...members });
      }),
    );
  });

  test("gets through nonsense of any length", ({ expect }) => {
    fc.assert(
      fc.property(fc.string(), fc.nat(50_000), (text, count) => {
        expect(() => parse(text)).not.toThrow();
        // A pattern that backtracks would not come to an end with these.
        expect(parse(`a=(${"x ".repeat(count)}"`)).toBeNull();
        expect(parse(`a="${"\\\\".repeat(count)}`)).toBeNull();
        expect(parse(`a=1${";b".repeat(count)}"`)).toBeNull();
      }),
      { numRuns: 30 },
    );
  });
});
