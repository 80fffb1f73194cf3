import fc from "fast-check";
import { describe, test } from "vitest";

import { findRepeatedMembers, mayRepeatMembers } from "../../src/http/repeated-members.ts";
import { findRepeatedSlowly } from "../support/slow-json.ts";

const RUNS = { numRuns: 3_000, seed: 20261130 };

/** A text in quotes, some of its characters escaped as no serialiser would. */
const spelled = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(text, fc.infiniteStream(fc.boolean())).map(([plain, choices]) => {
    const units = plain.split("").map((unit) => {
      const mustEscape = unit < " " || unit === '"' || unit === "\\";
      return mustEscape || choices.next().value === true ? escape(unit) : unit;
    });
    return `"${units.join("")}"`;
  });

function escape(unit: string): string {
  if (unit === '"' || unit === "\\" || unit === "/") return `\\${unit}`;
  return String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const NAMES = [
  "a",
  "b",
  "",
  "__proto__",
  "constructor",
  "1",
  "a/b",
  '"',
  "\\a",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "é",
  "\u{1f600}",
];

/**
 * None is a lone backslash: the V8 of Node 24 and 26, having read one, takes any other escaped name of a single character at the
 * same place for it.
 */
const names = spelled(
  fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...NAMES) },
    fc.string({ maxLength: 3 }).filter((name) => name !== "\\"),
  ),
);
const texts = spelled(fc.string({ unit: "binary", maxLength: 12 }));
const blanks = fc.constantFrom("", "", "", " ", "\r\n\t");
const words = fc.constantFrom("0", "-1.5e+3", "true", "false", "null");

/** JSON as clients may write it: names again and again, blanks and escapes anywhere. */
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    texts,
    words,
    fc
      .array(fc.tuple(blanks, names, blanks, tie("json"), blanks), { maxLength: 4 })
      .map((members) => `{${members.map(([a, name, b, value, c]) => `${a}${name}${b}:${a}${value}${c}`).join(",")}}`),
    fc
      .array(fc.tuple(blanks, tie("json"), blanks), { maxLength: 4 })
      .map((items) => `[${items.map((item) => item.join("")).join(",")}]`),
  ),
}));

/** An object of plain values, which is what bodies mostly are. */
const flat = fc
  .array(fc.tuple(names, fc.oneof(texts, words)), { maxLength: 5 })
  .map((members) => `{${members.map((member) => member.join(":")).join(",")}}`);

describe("members that an object has twice", () => {
  test("are found as by a reader that follows the grammar", ({ expect }) => {
    fc.assert(
      fc.property(fc.oneof(json, flat), (text) => {
        expect(findRepeatedMembers(text, Number.POSITIVE_INFINITY)).toEqual(findRepeatedSlowly(text));
      }),
      RUNS,
    );
  });

  test("are never missed by the cheap look", ({ expect }) => {
    fc.assert(
      fc.property(fc.oneof(flat, json), (text) => {
        if (!mayRepeatMembers(text, JSON.parse(text))) expect(findRepeatedSlowly(text)).toEqual([]);
      }),
      RUNS,
    );
  });

  test("are both seen and not seen by these properties", ({ expect }) => {
    const sample = fc.sample(fc.oneof(json, flat), { numRuns: 2_000, seed: 1 });
    const repeating = sample.filter((text) => findRepeatedSlowly(text).length > 0);
    const quick = sample.filter((text) => !mayRepeatMembers(text, JSON.parse(text)));
    expect(repeating.length).toBeGreaterThan(100);
    expect(quick.length).toBeGreaterThan(100);
  });

  test.for([
    '{"username":"jdoe","email":"jdoe@example.com","full_name":"John Doe"}',
    '{ "email" : "jdoe@example.com" }',
    '{"count":1,"is_active":true,"note":null}',
    String.raw`{"full_name":"Ren\u00e9e"}`,
    "{}",
  ])("cost the usual body no more than the cheap look: %s", (text, { expect }) => {
    expect(mayRepeatMembers(text, JSON.parse(text))).toBe(false);
  });

  test("are counted no further than the limit", ({ expect }) => {
    const text = `{${Array.from({ length: 10_000 }, () => '"a":1').join(",")}}`;
    expect(findRepeatedMembers(text, 20)).toEqual(Array.from({ length: 20 }, () => ["a"]));
  });

  test.for([
    ["lists", `${"[".repeat(30_000)}${"]".repeat(30_000)}`],
    ["objects", `${'{"":'.repeat(13_000)}1${"}".repeat(13_000)}`],
    ["escapes", `{"a":"${String.raw`\"`.repeat(32_000)}"}`],
  ] as const)("are looked for in 64 KiB of %s without a stack that overflows", ([, text], { expect }) => {
    expect(findRepeatedMembers(text, 20)).toEqual([]);
  });
});
