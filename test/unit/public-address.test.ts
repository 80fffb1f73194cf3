import { isIPv4, isIPv6 } from "node:net";

import fc from "fast-check";
import { describe, test } from "vitest";

import { isPublicAddress, parseAddress } from "../../src/models/public-address.ts";

describe("an address is read", () => {
  test.for([
    ["0.0.0.0", 0n],
    ["1.2.3.4", 0x01_02_03_04n],
    ["255.255.255.255", 0xff_ff_ff_ffn],
    ["::", 0n],
    ["::1", 1n],
    ["[::1]", 1n],
    ["1::", 1n << 112n],
    ["::ffff:1.2.3.4", 0xff_ff_01_02_03_04n],
    ["1:2:3:4:5:6:7:8", 0x0001_0002_0003_0004_0005_0006_0007_0008n],
    ["1:2:3:4:5:6:1.2.3.4", 0x0001_0002_0003_0004_0005_0006_0102_0304n],
  ] as const)("%s", ([text, value], { expect }) => {
    expect(parseAddress(text)?.value).toBe(value);
  });

  test.for([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1.2.3.a",
    ":1",
    "1:",
    "1:::2",
    "::1::",
    "1:2:3",
    "12345::",
    "::1.2.3",
    "1.2.3.4::",
    "::g",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "example.com",
  ])("%s is none, nor public", (text, { expect }) => {
    expect(parseAddress(text)).toBeNull();
    expect(isPublicAddress(text)).toBe(false);
  });

  test("wherever Node reads one, and nowhere else", ({ expect }) => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV4(),
          fc.ipV6(),
          fc.string({ unit: fc.constantFrom(...Array.from("0123456789abcdf:.")), maxLength: 24 }),
        ),
        (text) => {
          const family = parseAddress(text)?.family ?? null;
          expect(family).toBe(isIPv4(text) ? 4 : isIPv6(text) ? 6 : null);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

test("of all that IPv6 has, only what is given out for the internet is public", ({ expect }) => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const address = parseAddress(text);
      if (isPublicAddress(text)) expect((address?.value ?? 0n) >> 125n).toBe(1n);
    }),
    { numRuns: 2_000 },
  );
});

test.for([
  "1.1.1.1",
  "8.8.8.8",
  "9.255.255.255",
  "11.0.0.0",
  "126.255.255.255",
  "128.0.0.1",
  "223.255.255.255",
  "2606:4700::1",
  "2a00:1450::1",
  "3fff:1000::1",
])("%s is public", (text, { expect }) => {
  expect(isPublicAddress(text)).toBe(true);
});
