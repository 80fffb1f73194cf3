import { describe, test } from "vitest";

import { matchesWeakly, parseEntityTags, requireEntityTags } from "../../src/http/preconditions.ts";
import { InvalidRequestError } from "../../src/http/problem.ts";
import { expectLittleWork } from "../support/work.ts";

const strong = (content: string) => ({ isWeak: false, opaque: `"${content}"` });
const weak = (content: string) => ({ isWeak: true, opaque: `"${content}"` });

const READABLE: readonly (readonly [string, ReturnType<typeof parseEntityTags>])[] = [
  ["*", "any"],
  [" *\t", "any"],
  ['"a"', [strong("a")]],
  ['W/"a"', [weak("a")]],
  ['""', [strong("")]],
  ['W/""', [weak("")]],
  ['\t "a" \t', [strong("a")]],
  ['"a","b"', [strong("a"), strong("b")]],
  ['"a" \t,\t "b"', [strong("a"), strong("b")]],
  ['"a", W/"b","c"', [strong("a"), weak("b"), strong("c")]],
  [',"a"', [strong("a")]],
  ['"a",', [strong("a")]],
  [', ,,"a", ,"b" ,', [strong("a"), strong("b")]],
  ['"a,b"', [strong("a,b")]],
  ['",", ",,"', [strong(","), strong(",,")]],
  ['"a,", ",b"', [strong("a,"), strong(",b")]],
  ['"W/"', [strong("W/")]],
  ['"*"', [strong("*")]],
  [`"!#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~"`, [strong("!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")]],
  ['"\\"', [strong("\\")]],
  ['"\u0080\u00e9\u00ff"', [strong("\u0080\u00e9\u00ff")]],
  ['"a","a"', [strong("a"), strong("a")]],
];

const MALFORMED: readonly string[] = [
  "",
  " ",
  ",",
  " , ,",
  "a",
  '"a',
  'a"',
  '"',
  '"""',
  '"a""b"',
  '"a" "b"',
  '"a"b',
  '"a";q=1',
  "'a'",
  'w/"a"',
  'W/ "a"',
  'W"a"',
  "W/",
  "W/*",
  "**",
  "*,",
  '*, "a"',
  '"a", *',
  '"a", b',
  '"a", "b',
  '"a b"',
  '"a\tb"',
  '"a\u0000"',
  '"a\u001f"',
  '"a\u007f"',
  '"\u0100"',
  '\u000b"a"',
  '"a"\u000b',
  '\u00a0"a"',
  '"a",\u00a0"b"',
  '\ufeff"a"',
  "\u00a0*",
];

describe("entity tags", () => {
  test.for(READABLE)("%j are read", ([header, tags], { expect }) => {
    expect(parseEntityTags(header)).toEqual(tags);
    expect(requireEntityTags("If-Match", header)).toEqual(tags);
  });

  test.for(MALFORMED)("%j are malformed", (header, { expect }) => {
    expect(parseEntityTags(header)).toBe("malformed");
  });

  test("are none when there is no header", ({ expect }) => {
    expect(parseEntityTags(null)).toBeNull();
    expect(requireEntityTags("If-Match", null)).toBeNull();
  });

  test.for(MALFORMED)("%j are refused where they are required, by the name of the header", (header, { expect }) => {
    const read = () => requireEntityTags("If-Match", header);
    expect(read).toThrow(InvalidRequestError);
    expect(read).toThrow(
      expect.objectContaining({
        errors: [{ parameter: "If-Match", code: "invalid_format", detail: expect.any(String) }],
      }),
    );
  });

  test.for([
    ["commas", ",".repeat(100_000)],
    ["blanks", `"a"${" ".repeat(100_000)}"b"`],
    ["blanks after a comma", `"a",${" ".repeat(100_000)}b`],
    ["tags", '"a",'.repeat(25_000)],
    ["quotes", '"'.repeat(100_000)],
    ["open tags", '",'.repeat(50_001)],
  ] as const)("of a header of very many %s are read or refused with little work", async ([, header], { expect }) => {
    await expectLittleWork(expect, () => parseEntityTags(header));
  });
});

describe("the weak comparison", () => {
  test.for([
    ['"a"', '"a"', true],
    ['W/"a"', '"a"', true],
    ["*", '"a"', true],
    ['"b", W/"a"', '"a"', true],
    ['"b"', '"a"', false],
    ['"A"', '"a"', false],
    ['"a,b"', '"a"', false],
    ['"aa"', '"a"', false],
    ["a", '"a"', false],
    ['"a", nonsense', '"a"', false],
    ['*, "a"', '"a"', false],
    ["", '"a"', false],
  ] as const)("of %j with the tag %s is %s", ([header, tag, outcome], { expect }) => {
    expect(matchesWeakly(header, tag)).toBe(outcome);
  });

  test("of no header with a tag is false", ({ expect }) => {
    expect(matchesWeakly(null, '"a"')).toBe(false);
  });
});
