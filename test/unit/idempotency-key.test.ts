import { describe, test } from "vitest";

import { parseIdempotencyKey } from "../../src/http/idempotency-key.ts";
import { InvalidRequestError } from "../../src/http/problem.ts";
import { expectLittleWork } from "../support/work.ts";

const UUID = "8e03978e-40d5-43e8-bc93-6894a57f9324";

const KEYS: readonly (readonly [string, string])[] = [
  [`"${UUID}"`, UUID],
  [UUID, UUID],
  ['"a"', "a"],
  ["a", "a"],
  ["0", "0"],
  [' \t"a"\t ', "a"],
  [" a ", "a"],
  ['" a "', " a "],
  ['" "', " "],
  ['"a, b; c=d"', "a, b; c=d"],
  [String.raw`"\""`, '"'],
  [String.raw`"\\"`, "\\"],
  [String.raw`"\\\""`, '\\"'],
  [String.raw`"a\\\\b"`, String.raw`a\\b`],
  ['"null"', "null"],
  [`"!#$%&'()*+,-./:;<=>?@[]^_\`{|}~"`, "!#$%&'()*+,-./:;<=>?@[]^_`{|}~"],
  ["Order.42_a~b:c+d/e=f-g", "Order.42_a~b:c+d/e=f-g"],
  [`"${"k".repeat(255)}"`, "k".repeat(255)],
  ["k".repeat(255), "k".repeat(255)],
  [`"${String.raw`\"`.repeat(255)}"`, '"'.repeat(255)],
];

const MALFORMED: readonly string[] = [
  "",
  " ",
  '""',
  '"',
  '"a',
  'a"',
  '"""',
  '"a""b"',
  "'a'",
  String.raw`"\"`,
  String.raw`"\a"`,
  String.raw`"a\n"`,
  '"\u0000"',
  '"a\tb"',
  '"a\u001f"',
  '"a\u007f"',
  '"a\u0080"',
  '"é"',
  '"\u{1F511}"',
  "é",
  "a b",
  '"a", "b"',
  "a, b",
  "a,b",
  `"${UUID}", "${UUID}"`,
  '"a";q=1',
  '"a"; q',
  '"a";',
  "a;q=1",
  "?1",
  ":YQ==:",
  "@1659578233",
  "-1",
  "(a)",
  '("a" "b")',
  'W/"a"',
  '\u000b"a"',
  '"a"\u00a0',
  "\ufeffa",
];

const refusalOf = (header: string): InvalidRequestError | null => {
  try {
    parseIdempotencyKey(header);
    return null;
  } catch (error) {
    if (error instanceof InvalidRequestError) return error;
    throw error;
  }
};

describe("an idempotency key", () => {
  test.for(KEYS)("is read from %s", ([header, key], { expect }) => {
    expect(parseIdempotencyKey(header)).toBe(key);
  });

  test("is none without the header", ({ expect }) => {
    expect(parseIdempotencyKey(null)).toBeNull();
  });

  test("in quotes is the same as one without", ({ expect }) => {
    expect(parseIdempotencyKey(`"${UUID}"`)).toBe(parseIdempotencyKey(UUID));
  });

  test.for(MALFORMED)("is refused as malformed from %j", (header, { expect }) => {
    expect(refusalOf(header)?.errors).toEqual([
      { parameter: "Idempotency-Key", code: "invalid_format", detail: expect.any(String) },
    ]);
  });

  test.for([
    ["in quotes", `"${"k".repeat(256)}"`],
    ["without quotes", "k".repeat(256)],
    ["of escapes", `"${String.raw`\\`.repeat(256)}"`],
  ] as const)("of 256 characters %s is refused as too long", ([, header], { expect }) => {
    expect(refusalOf(header)?.errors).toEqual([
      { parameter: "Idempotency-Key", code: "too_long", detail: expect.any(String) },
    ]);
  });

  test.for(["<mallory>", `"mallory\u0001"`, "mallory".repeat(50)])(
    "that is refused is not repeated: %j",
    (header, { expect }) => {
      expect(JSON.stringify(refusalOf(header)?.errors)).toMatch(/^((?!mallory).)+$/);
    },
  );

  test.for([
    ["quotes", '"'.repeat(100_000)],
    ["escapes", `"${String.raw`\"`.repeat(50_000)}`],
    ["letters", `"${"a".repeat(100_000)}`],
    ["token characters", `${"a".repeat(100_000)} `.concat("b")],
    ["blanks", `a${" ".repeat(100_000)}b`],
  ] as const)("of very many %s is refused with little work", async ([, header], { expect }) => {
    await expectLittleWork(expect, () => expect(refusalOf(header)).not.toBeNull());
  });
});
