import { describe, test } from "vitest";

import { checkEmail } from "../../src/models/user-rules.ts";
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
    ["with a Latin letter beyond ASCII", "j\u00f6rg@example.org"],
    ["with a domain beyond ASCII", "test@b\u00fccher.example"],
    ["with a full-width at sign", "test\uff20example.org"],
    ["with a dot-like character", "test@example\u3002org"],
    ["with the Kelvin sign", "\u212Aelvin@example.org"],
    ["with a long s", "te\u017ft@example.org"],
    ["with a dotless i", "test@ma\u0131l.org"],
    ["with a lone surrogate", "te\ud800st@example.org"],
    ["with an emoji", "\u{1F600}@example.org"],
    ["with a zero-width space", "te\u200bst@example.org"],
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
