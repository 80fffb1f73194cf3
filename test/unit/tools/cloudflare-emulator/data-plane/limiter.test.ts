import { describe, test } from "vitest";

import { createLimiter } from "../../../../../tools/cloudflare-emulator/data-plane/companion/limiter.ts";

const LIMIT = { namespaceId: "1001", key: "caller", limit: 2, periodS: 60 };

describe("The rate limiter", () => {
  test("allows as many calls as the limit says, per window of the clock", ({ expect }) => {
    let now = 59_999;
    const isWithin = createLimiter(() => now);
    expect([isWithin(LIMIT), isWithin(LIMIT), isWithin(LIMIT)]).toEqual([true, true, false]);
    now = 60_000;
    expect([isWithin(LIMIT), isWithin(LIMIT), isWithin(LIMIT)]).toEqual([true, true, false]);
    now = 119_999;
    expect(isWithin(LIMIT)).toBe(false);
  });

  test("counts keys, namespaces and periods apart", ({ expect }) => {
    const isWithin = createLimiter(() => 0);
    isWithin({ ...LIMIT, limit: 1 });
    expect(isWithin({ ...LIMIT, limit: 1 })).toBe(false);
    expect(isWithin({ ...LIMIT, limit: 1, key: "other" })).toBe(true);
    expect(isWithin({ ...LIMIT, limit: 1, namespaceId: "1002" })).toBe(true);
    expect(isWithin({ ...LIMIT, limit: 1, periodS: 10 })).toBe(true);
  });

  test("shares one count between versions with different limits", ({ expect }) => {
    const isWithin = createLimiter(() => 0);
    for (let call = 0; call < 2; call++) isWithin(LIMIT);
    expect(isWithin({ ...LIMIT, limit: 3 })).toBe(true);
    expect(isWithin({ ...LIMIT, limit: 3 })).toBe(false);
  });
});
