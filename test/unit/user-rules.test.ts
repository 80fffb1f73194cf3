import { describe, test } from "vitest";

import { checkFullName, checkUsername, normalizeFullName, normalizeUsername } from "../../src/models/user-rules.ts";
import { NAMES, REFUSED_NAMES } from "../support/names.ts";
import { expectLittleWork } from "../support/work.ts";

/** A letter that takes two UTF-16 units and one code point. */
const ASTRAL_LETTER = "\u{1D4D0}";

describe("a username", () => {
  test.for<[string, string | null]>([
    ["", "too_short"],
    ["ab", "too_short"],
    ["abc", null],
    ["007", null],
    ["JDoe42", null],
    ["a".repeat(50), null],
    ["a".repeat(51), "too_long"],
    ["a".repeat(10_000), "too_long"],
    [ASTRAL_LETTER.repeat(2), "too_short"],
    [ASTRAL_LETTER.repeat(50), "invalid_format"],
    [ASTRAL_LETTER.repeat(51), "too_long"],
    ["john doe", "invalid_format"],
    [" john", "invalid_format"],
    ["john\n", "invalid_format"],
    ["john_doe", "invalid_format"],
    ["john-doe", "invalid_format"],
    ["john.doe", "invalid_format"],
    ["jos\u00e9", "invalid_format"],
    ["jose\u0301", "invalid_format"],
    ["\u0661\u0662\u0663", "invalid_format"],
    ["\uFF41\uFF42\uFF43", "invalid_format"],
    ["abc\u0000", "invalid_format"],
    ["abc\ud800", "invalid_format"],
    ["abc\u200d", "invalid_format"],
    ["<script>", "invalid_format"],
    ["a'; drop table users; --", "invalid_format"],
  ])("of %j is judged %s", ([username, code], { expect }) => {
    expect(checkUsername(username)?.code ?? null).toBe(code);
  });

  test("is reported under its business name with a sentence for people", ({ expect }) => {
    expect(checkUsername("ab")).toEqual({
      field: "username",
      code: "too_short",
      detail: "Give at least 3 characters.",
    });
    expect(checkUsername("a".repeat(51))?.detail).toBe("Give at most 50 characters.");
  });

  test("is stored in lower case", ({ expect }) => {
    expect(normalizeUsername("JDoeXYZ09")).toBe("jdoexyz09");
  });
});

describe("a full name", () => {
  test.for([
    ["one letter", "X"],
    ["English", "Ada Lovelace"],
    ["a typographic apostrophe", "Sin\u00e9ad O’Neill"],
    ["a straight apostrophe", "Charles d'Artagnan"],
    ["a hyphen", "Jean-Luc Picard"],
    ["a leading apostrophe", "'t Hooft"],
    ["a trailing hyphen", "Anna-"],
    ["a modifier letter", "\u02bbAkahi"],
    ["a stroke", "\u0141ukasz \u00d8rsted"],
    ["combining marks without a composed form", "M\u0331\u0302"],
    ["Greek", "Ελένη Παπαδοπούλου"],
    ["Cyrillic", "Юлия Ёлкина"],
    ["Armenian", "Արամ Խաչատրյան"],
    ["Hebrew with points", "\u05d3\u05b8\u05bc\u05d5\u05b4\u05d3"],
    ["Arabic with marks", "الطَّيِّب صالح"],
    ["Devanagari with virama", "क्षत्रिय"],
    ["Tamil", "தமிழ்ச்செல்வன்"],
    ["Bengali", "রবীন্দ্রনাথ ঠাকুর"],
    ["Thai", "สมชาย ใจดี"],
    ["Georgian", "შოთა რუსთაველი"],
    ["Amharic", "አበበ ቢቂላ"],
    ["Hangul", "김민준"],
    ["Chinese", "王小明"],
    ["Chinese outside the basic plane", "\u{20bb7}野家"],
    ["Japanese with a length mark", "メアリー"],
    ["Cherokee", "ᏍᏏᏉᏯ"],
    ["Adlam, outside the basic plane", "\u{1E900}\u{1E922}"],
    ["half-width katakana with their middle dot", "\uFF91\uFF92\uFF65\uFF93"],
    ["digits first", "50 Cent"],
    ["Hangul with a filler beside a letter", "\u3164김"],
    ["Greek with what becomes a middle dot", "Α\u0387"],
    ...NAMES.map((name) => ["a well-known shape", name]),
  ])("in %s is accepted: %s", ([, name = ""], { expect }) => {
    expect(checkFullName(normalizeFullName(name))).toBeNull();
  });

  test.for([
    ["a Roman numeral sign", "Henry \u2167"],
    ["an emoji", "Ada \u{1F600}"],
    ["a flag", "\u{1F1F3}\u{1F1F4}"],
    ["a NUL", "Ada\u0000Lovelace"],
    ["another control character", "Ada\u0007"],
    ["an escape sequence", "\u001b[31mAda"],
    ["a lone high surrogate", "Ada\ud835"],
    ["a lone low surrogate", "\udcd0Ada"],
    ["a zero-width joiner", "Ada\u200dLovelace"],
    ["a zero-width space", "Ada\u200bLovelace"],
    ["a soft hyphen", "Ada\u00adLovelace"],
    ["a right-to-left override", "Ada\u202eLovelace"],
    ["a tab", "Ada\tLovelace"],
    ["a newline", "Ada\nLovelace"],
    ["a carriage return", "Ada\r\nX: Lovelace"],
    ["a no-break space", "Ada\u00a0Lovelace"],
    ["a line separator", "Ada\u2028Lovelace"],
    ["markup", "<script>alert</script>"],
    ["a semicolon", "Ada; Lovelace"],
    ["a slash", "Ada/Lovelace"],
    ["a colon", "Ada: Lovelace"],
    ["an ideographic full stop", "Ada\u3002"],
    ["a fraction", "Ada \u00bd"],
    ["an underscore", "Ada_Lovelace"],
    ["a quotation mark", 'Ada "Lovelace"'],
    ["a left single quotation mark", "O\u2018Neill"],
    ["a backtick", "O`Neill"],
    ["an en dash", "Jean\u2013Luc"],
    ["a private-use character", "Ada\ue000"],
    ["an unassigned character", "Ada\u0378"],
    ["only hyphens", "---"],
    ["only apostrophes", "'’"],
    ["hyphens and spaces only", "- -"],
    ["only a combining mark", "\u0301"],
    ["a Khitan filler and Mongolian variation selectors only", "\u{16FE4}\u180B"],
    ...REFUSED_NAMES,
  ])("with %s is refused: %j", ([, name = ""], { expect }) => {
    expect(checkFullName(normalizeFullName(name))).toMatchObject({ field: "full_name", code: "invalid_format" });
  });

  test.for<[string, string, string | null]>([
    ["nothing", "", "too_short"],
    ["spaces only", "   ", "too_short"],
    ["100 letters", "a".repeat(100), null],
    ["101 letters", "a".repeat(101), "too_long"],
    ["100 letters between spaces", `  ${"a".repeat(100)}  `, null],
    ["100 letters of two UTF-16 units each", ASTRAL_LETTER.repeat(100), null],
    ["101 letters of two UTF-16 units each", ASTRAL_LETTER.repeat(101), "too_long"],
    ["100 letters with a mark that composes", "e\u0301".repeat(100), null],
    ["100 letters, each composed of four characters", "\u1f82".normalize("NFD").repeat(100), null],
    ["101 letters, each composed of four characters", "\u1f82".normalize("NFD").repeat(101), "too_long"],
    ["100 letters between thousands of spaces", `${" ".repeat(5_000)}${"a".repeat(100)}${" ".repeat(5_000)}`, null],
    ["51 letters with a mark that does not compose", "x\u0331".repeat(51), "too_long"],
    ["10,000 letters", "a".repeat(10_000), "too_long"],
  ])("of %s is judged by its code points after normalisation", ([, name, code], { expect }) => {
    expect(checkFullName(normalizeFullName(name))?.code ?? null).toBe(code);
  });

  test.for([
    ["  Ada  Lovelace ", "Ada  Lovelace"],
    ["\t\u00a0\ufeffAda\u3000\r\n", "Ada"],
    ["Zoe\u0308", "Zo\u00eb"],
    ["A\u030angstr\u00f6m", "\u00c5ngstr\u00f6m"],
    ["\u212bngstr\u00f6m", "\u00c5ngstr\u00f6m"],
    ["\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"],
    ["M\u0302\u0331", "M\u0331\u0302"],
    ["ﬁona", "ﬁona"],
  ])("%j is trimmed and composed, not compatibility-mapped, to %j", ([raw = "", stored = ""], { expect }) => {
    expect(normalizeFullName(raw)).toBe(stored);
    expect(normalizeFullName(stored)).toBe(stored);
  });

  test("that is too short asks for a character, in the singular", ({ expect }) => {
    expect(checkFullName("")).toEqual({ field: "full_name", code: "too_short", detail: "Give at least 1 character." });
  });

  test("made to make the pattern backtrack is judged with little work", async ({ expect }) => {
    await expectLittleWork(expect, () => {
      for (const name of [
        `${" ".repeat(99)}/`,
        `${"a".repeat(99)}/`,
        `${"- ’'".repeat(24)}aaa/`,
        "-".repeat(100),
        "\u3164".repeat(100),
      ]) {
        expect(checkFullName(name)?.code).toBe("invalid_format");
      }
    });
  });
});
