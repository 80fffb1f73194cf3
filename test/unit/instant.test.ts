import fc from "fast-check";
import { describe, test } from "vitest";

import { parseInstant } from "../../src/http/instant.ts";

const DAY_MS = 86_400_000;

/** The same instant on a clock of another offset (minutes), its second written as given. */
function write(time: number, offset: number, second: string): string {
  const local = new Date(time + offset * 60_000).toISOString();
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
  return `${local.slice(0, 17)}${second}${zone}`;
}

const offsets = fc.integer({ min: -1_439, max: 1_439 });

describe("a time of RFC 3339", () => {
  test("is the same at every offset", ({ expect }) => {
    const times = fc.date({
      min: new Date("0001-01-02T00:00:00Z"),
      max: new Date("9999-12-30T00:00:00Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(times, offsets, (time, offset) => {
        const text = write(time.getTime(), offset, time.toISOString().slice(17, 23));
        expect(parseInstant(text)).toEqual(time);
      }),
    );
  });

  test("may have a second 60 at the end of a June or December, in UTC, and at no other minute", ({ expect }) => {
    const minutes = fc.oneof(
      fc.integer({ min: 1972, max: 9_998 }).map((year) => Date.UTC(year, 5, 30, 23, 59)),
      fc.integer({ min: 1972, max: 9_998 }).map((year) => Date.UTC(year, 11, 31, 23, 59)),
      fc.integer({ min: 0, max: 30_000 * 1_440 }).map((minute) => minute * 60_000),
      fc.integer({ min: 0, max: 30_000 }).map((day) => day * DAY_MS - 60_000),
    );
    fc.assert(
      fc.property(minutes, offsets, fc.constantFrom("60", "60.0", "60.999999999"), (minute, offset, second) => {
        const isAllowed = /-(06-30|12-31)T23:59:/.test(new Date(minute).toISOString());
        const expected = isAllowed ? new Date(minute + 60_000) : null;
        expect(parseInstant(write(minute, offset, second))).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  test.for([
    "2016-12-31T23:59:60",
    "2016-12-31T23:59:60z",
    "2016-12-31T23:60:60Z",
    "9999-12-31T23:59:60Z",
    "23:59:60Z",
  ])("is not %s", (text, { expect }) => {
    expect(parseInstant(text)).toBeNull();
  });
});
