import { describe, test } from "vitest";

import { parseRetryAfter } from "../../../events/src/delivery/retry-after.ts";
import { createSender } from "../../../events/src/delivery/send-event.ts";

/** 1994-11-06T08:48:37Z. */
const NOW = Date.UTC(1994, 10, 6, 8, 48, 37);
const parse = (retryAfter: string, date?: string) =>
  parseRetryAfter(new Headers({ "Retry-After": retryAfter, ...(date === undefined ? {} : { Date: date }) }), NOW);

describe("Retry-After", () => {
  test.for([
    ["0", 0],
    ["120", 120_000],
    ["9999999999", 9_999_999_999_000],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 60_000],
    ["Sunday, 06-Nov-94 08:49:37 GMT", 60_000],
    ["Sun Nov  6 08:49:37 1994", 60_000],
    ["Sun, 06 Nov 1994 08:47:37 GMT", 0],
  ] as const)("of %j asks for %i ms", ([text, milliseconds], { expect }) => {
    expect(parse(text)).toBe(milliseconds);
  });

  test.for([
    "",
    "-1",
    "1.5",
    "1e3",
    "0x10",
    "12345678901",
    "soon",
    "1, 2",
    "1994-11-06T08:49:37Z",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 +0100",
    "Sun, 99 Nov 1994 08:49:37 GMT",
    "Sun, 06 Foo 1994 08:49:37 GMT",
  ])("of %j asks for nothing", (text, { expect }) => {
    expect(parse(text)).toBeNull();
  });

  test("that is a date counts from the receiver's own clock", ({ expect }) => {
    const inAnHour = "Sun, 06 Nov 1994 10:48:37 GMT";
    expect(parse(inAnHour, "Sun, 06 Nov 1994 09:48:37 GMT")).toBe(3_600_000);
    expect(parse(inAnHour, "at noon")).toBe(7_200_000);
  });
});

describe("an answer that asks for time", () => {
  const send = async (status: number, retryAfter: string) => {
    const headers = { "Retry-After": retryAfter };
    const sender = createSender({
      fetch: () => Promise.resolve(new Response(null, { status, headers })),
      resolve: () => Promise.resolve(["93.184.215.14"]),
      rules: { allowsLoopback: false },
      timeoutMs: 1_000,
    });
    return await sender("https://example.com/hook", {}, "{}");
  };

  test.for([429, 503])("is heard with %i", async (status, { expect }) => {
    expect(await send(status, "7")).toEqual({ status, error: "http-status", retryAfterMs: 7_000 });
    expect(await send(status, "later")).toEqual({ status, error: "http-status" });
  });

  test.for([400, 410, 500])("and not with %i, where it means nothing", async (status, { expect }) => {
    expect(await send(status, "7")).toEqual({ status, error: "http-status" });
  });
});
