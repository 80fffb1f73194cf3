import { test } from "vitest";

import { randomHex } from "../../src/observability/random-hex.ts";

test("digits are of the asked length, lower-case hex, and never given out twice", ({ expect }) => {
  const texts = Array.from({ length: 5_000 }, (_, index) => randomHex(index % 2 === 0 ? 32 : 16));
  for (const [index, text] of texts.entries()) {
    expect(text).toMatch(index % 2 === 0 ? /^[0-9a-f]{32}$/ : /^[0-9a-f]{16}$/);
  }
  expect(new Set(texts).size).toBe(texts.length);
});

test("every digit is as frequent as any other", ({ expect }) => {
  const counts = new Map<string, number>();
  for (const digit of Array.from({ length: 2_000 }, () => randomHex(64)).join("")) {
    counts.set(digit, (counts.get(digit) ?? 0) + 1);
  }
  expect(counts.size).toBe(16);
  // 8,000 of each are expected, with a standard deviation of 87.
  for (const count of counts.values()) expect(Math.abs(count - 8_000)).toBeLessThan(600);
});
