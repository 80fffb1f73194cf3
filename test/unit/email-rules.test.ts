import { describe, test } from "vitest";

import { checkEmail, normalizeEmail } from "../../src/models/user-rules.ts";
import { expectLittleWork } from "../support/work.ts";

const LOCAL_64 = "abcdefghijklmnopqrstuvwxyz.abcdefghijklmnopqrstuvwxyz.abcdefghij";
const LABEL_63 = `${"abcdefghij".repeat(6)}xyz`;

describe("an email address", () => {
  test.for([
    "test@example.org",
    "a@b.co",
    "a@example.o",
    "joe.bloggs@example.com",
    "te.s.t@example.com",
    "te~st@example.com",
    "~test@example.com",
    "test~@example.com",
    "j.doe+tag@example.co.uk",
    "o'neill@example.com",
    "!#$%&'*+/=?^_`{|}~-@example.org",
    "123@example.org",
    "-@example.org",
    "test@123.com",
    "test@1-2.example.com",
    "test@a-b.example.com",
    "test@a--b.example.com",
    "test@xn--bcher-kva.example",
    "test@example.xn--p1ai",
    "test@a.b.c.d.e.f.g.h.museum",
    "TEST@EXAMPLE.ORG",
    `${LOCAL_64}@b.co`,
    `a@${LABEL_63}.com`,
    `${"a".repeat(64)}@${"b".repeat(31)}.com`,
  ])("like %s is accepted", (address, { expect }) => {
    expect(checkEmail(address)).toBeNull();
  });

  test.for([
    ["without an at sign", "test"],
    ["that is a number", "2962"],
    ["that is an at sign", "@"],
    ["without a local part", "@example.org"],
    ["without a domain", "test@"],
    ["with two at signs", "te@st@example.org"],
    ["with an escaped at sign", "te\\@st@example.org"],
    ["that is two addresses", "a@example.org,b@example.org"],
    ["with a name around it", '"Ada" <ada@example.org>'],
    ["in angle brackets", "<ada@example.org>"],
    ["with a scheme", "mailto:ada@example.org"],
    ["with a leading dot", ".test@example.org"],
    ["with a dot before the at sign", "test.@example.org"],
    ["with two dots in the local part", "te..st@example.org"],
    ["that is a dot", ".@example.org"],
    ["with a dot after the at sign", "test@.example.org"],
    ["with two dots in the domain", "test@example..org"],
    ["with a trailing dot", "test@example.org."],
    ["with a quoted local part", '"test"@example.org'],
    ["with a quoted space", '"joe bloggs"@example.org'],
    ["with an empty quoted local part", '""@example.org'],
    ["with an IPv4 literal", "test@[127.0.0.1]"],
    ["with an IPv6 literal", "test@[IPv6:::1]"],
    ["with a bare IPv4 address", "test@255.255.255.255"],
    ["with a numeric top label", "test@example.123"],
    ["with a dotless domain", "test@localhost"],
    ["with a dotless top-level domain", "test@io"],
    ["with a leading hyphen in a label", "test@-example.org"],
    ["with a trailing hyphen in a label", "test@example-.org"],
    ["with a trailing hyphen in the top label", "test@example.org-"],
    ["with an underscore in the domain", "test@ex_ample.org"],
    ["with an equals sign in the domain", "test@invalid=domain.org"],
    ["with a slash in the domain", "test@example.org/path"],
    ["with a port", "test@example.org:25"],
    ["with a comment", "test(comment)@example.org"],
    ["with a comment in the domain", "test@example.org(comment)"],
    ["with a space in the local part", "joe bloggs@example.org"],
    ["with a leading space", " test@example.org"],
    ["with a trailing space", "test@example.org "],
    ["with a space before the at sign", "test @example.org"],
    ["with a space in the domain", "test@exam ple.org"],
    ["with a trailing newline", "test@example.org\n"],
    ["with a leading newline", "\ntest@example.org"],
    ["with a header injected", "test@example.org\r\nBcc: all@example.org"],
    ["with a tab", "te\tst@example.org"],
    ["with a NUL", "te\u0000st@example.org"],
    ["with a NUL in the domain", "test@exam\u0000ple.org"],
    ["with a delete character", "te\u007fst@example.org"],
    ["with a domain beyond ASCII", "test@b\u00fccher.example"],
    ["with a full-width at sign", "test\uff20example.org"],
    ["with a dot-like character", "test@example\u3002org"],
    ["with a dotless i in the domain", "test@ma\u0131l.org"],
    ["with 65 characters in the local part", `${"a".repeat(65)}@b.co`],
    ["with 65 characters in a dotted local part", `${LOCAL_64}x@b.co`],
    ["with 64 characters in a label", `a@${LABEL_63}x.com`],
    ["with 64 characters in the top label", `a@b.${LABEL_63}x`],
  ])("%s is refused: %j", ([, address = ""], { expect }) => {
    expect(checkEmail(address)).toEqual({
      field: "email",
      code: "invalid_format",
      detail: "Give an address like name@example.com.",
    });
  });

  test.for([
    ["a Latin letter", "j\u00f6rg@example.org"],
    ["a letter and an internationalised domain", "j\u00f6rg@b\u00fccher.example"],
    ["the Kelvin sign", "\u212Aelvin@example.org"],
    ["the Kelvin sign and an internationalised domain", "\u212Aelvin@b\u00fccher.example"],
    ["a long s", "te\u017ft@example.org"],
    ["a lone surrogate", "te\ud800st@example.org"],
    ["an emoji", "\u{1F600}@example.org"],
    ["a zero-width space", "te\u200bst@example.org"],
  ])("with %s before the at sign is refused, and told why: %j", ([, address = ""], { expect }) => {
    expect(checkEmail(normalizeEmail(address))).toEqual({
      field: "email",
      code: "invalid_format",
      detail: "Use only ASCII characters before the @; other letters can stand in the domain.",
    });
  });

  test("has 1 to 100 characters", ({ expect }) => {
    const ofLength = (length: number) => `ada@${LABEL_63}.${"b".repeat(length - 4 - 63 - 1 - 4)}.org`;
    expect(checkEmail("")?.code).toBe("too_short");
    expect(ofLength(100)).toHaveLength(100);
    expect(checkEmail(ofLength(100))).toBeNull();
    expect(checkEmail(ofLength(101))?.code).toBe("too_long");
    expect(checkEmail(`a@${"b.".repeat(5_000)}org`)?.code).toBe("too_long");
  });

  test.for([
    "a".repeat(100),
    `${"a.".repeat(49)}a`,
    `a@${"a.".repeat(48)}`,
    `a@${"a-".repeat(48)}`,
    `a@${"a".repeat(97)}!`,
    `a@${"-".repeat(98)}`,
    `${"@".repeat(100)}`,
    `a@${"1.".repeat(48)}1`,
  ])("made to make the pattern backtrack (%s) is refused with little work", async (address, { expect }) => {
    await expectLittleWork(expect, () => expect(checkEmail(address)?.code).toBe("invalid_format"));
  });

  test("of a million characters is refused with little work", async ({ expect }) => {
    for (const piece of ["a", "a.", "@", "a@b."]) {
      const address = piece.repeat(1_000_000);
      await expectLittleWork(expect, () => expect(checkEmail(address)?.code).toBe("too_long"));
    }
  });
});

describe("an email address is stored", () => {
  test.for([
    ["in lower case, local part included", "J.Doe+TAG@Example.COM", "j.doe+tag@example.com"],
    ["with A-labels for German", "User@M\u00fcnchen.de", "user@xn--mnchen-3ya.de"],
    ["with A-labels for decomposed German", "user@Mu\u0308nchen.de", "user@xn--mnchen-3ya.de"],
    ["as it was given in A-labels", "user@XN--mnchen-3ya.de", "user@xn--mnchen-3ya.de"],
    ["with the sharp s kept apart from ss", "user@fa\u00df.de", "user@xn--fa-hia.de"],
    ["with A-labels for Japanese, top label included", "user@例え.テスト", "user@xn--r8jz45g.xn--zckzah"],
    ["with A-labels for Arabic", "user@مثال.إختبار", "user@xn--mgbh0fb.xn--kgbechtv"],
    ["with A-labels for Russian", "user@пример.рф", "user@xn--e1afmkfd.xn--p1ai"],
    ["with A-labels for Persian, joiner included", "user@نامه\u200Cای.com", "user@xn--mgba3gch31f060k.com"],
    ["with A-labels for the Catalan middle dot", "user@paral\u00B7lel.cat", "user@xn--parallel-koa.cat"],
    ["with full-width letters as ASCII ones", "user@\uFF45\uFF58ample.org", "user@example.org"],
  ] as const)("%s", ([, given, stored], { expect }) => {
    expect(normalizeEmail(given)).toBe(stored);
    expect(normalizeEmail(stored)).toBe(stored);
    expect(checkEmail(stored)).toBeNull();
  });

  test.for([
    ["whose domain ends as an address of IPv4 does", "user@\u00fc.0x7f"],
    ["whose domain is an address of IPv4 in full-width digits", "user@\uFF11.\uFF12.\uFF13.\uFF14"],
    ["whose domain has a label of punycode that stands for nothing", "user@xn--a.\u00fc.de"],
    ["whose domain begins with a mark", "user@\u0301a.de"],
    ["whose domain begins with a hyphen", "user@-\u00fc.de"],
    ["whose domain ends with a hyphen", "user@\u00fc-.de"],
    ["whose domain ends with a full stop", "user@\u00fc.de."],
    ["whose domain has an empty label", "user@\u00fc..de"],
    ["whose domain has no dot", "user@m\u00fcnchen"],
    ["whose domain has a full-width slash", "user@a\uFF0F\u00fc.de"],
    ["whose domain has a full-width at sign", "user@a\uFF20\u00fc.de"],
    ["whose domain has a full-width colon", "user@\u00fc.de\uFF1A25"],
    ["whose domain has an escaped character", "user@\u00fc%2ede.com"],
    ["whose domain has a no-break space", "user@\u00fc\u00a0.de"],
    ["whose domain has a zero-width space", "user@\u00fc\u200b.de"],
    ["whose domain has a soft hyphen", "user@\u00fc\u00ad.de"],
    ["whose domain has a Hangul filler", "user@a\u3164b.\u00fc.de"],
    ["whose domain has a right-to-left override", "user@\u202e\u00fc.de"],
    ["whose domain has a lone surrogate", "user@\u00fc\ud800.de"],
    ["with two at signs", "us@er@\u00fc.de"],
    ["with a space", "user@\u00fc .de"],
    ["with a label that is too long as an A-label", `user@${"\u00fc".repeat(63)}.de`],
  ] as const)("never when it is one %s", ([, given], { expect }) => {
    expect(checkEmail(normalizeEmail(given))).toMatchObject({ code: "invalid_format" });
  });

  test("when its A-labels fit, however many units the given domain takes", ({ expect }) => {
    const domain = `${"u\u0308".repeat(20)}.`.repeat(2);
    expect(checkEmail(normalizeEmail(`a@${domain}de`))).toBeNull();
    expect(checkEmail(normalizeEmail(`a@${"\u00fca.".repeat(20)}de`))).toMatchObject({ code: "too_long" });
  });

  test("or refused with little work, however long its domain is", async ({ expect }) => {
    for (const piece of ["\u00fc", "\u00fc.", "\u00fc-", "@\u00fc", "a.\u00fc@"]) {
      const address = `a@${piece.repeat(500_000)}`;
      await expectLittleWork(expect, () => expect(checkEmail(normalizeEmail(address))?.code).toBe("too_long"));
    }
  });
});
