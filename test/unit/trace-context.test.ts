import { describe, test } from "vitest";

import { continueTrace, formatTraceparent } from "../../src/observability/trace-context.ts";

/* Cases of the W3C Trace Context recommendation and of its test suite. */

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const PARENT_ID = "b7ad6b7169203331";
const of = (version = "00", traceId = TRACE_ID, parentId = PARENT_ID, flags = "01") =>
  `${version}-${traceId}-${parentId}-${flags}`;

/** The headers of a request, as they are given: `Headers` would take some of them for none. */
const carrying = (traceparent: string | null | undefined, tracestate: string | null = null) => ({
  get: (name: string) => (name === "traceparent" ? (traceparent ?? null) : tracestate),
});

describe("a valid traceparent", () => {
  test.for([
    ["of version 00", of(), true],
    ["that is not sampled", of("00", TRACE_ID, PARENT_ID, "00"), false],
    ["with the random flag only", of("00", TRACE_ID, PARENT_ID, "02"), false],
    ["with the sampled and the random flag", of("00", TRACE_ID, PARENT_ID, "03"), true],
    ["with unknown flags", of("00", TRACE_ID, PARENT_ID, "ff"), true],
    ["with unknown flags, not sampled", of("00", TRACE_ID, PARENT_ID, "fe"), false],
    ["with ids of leading zeros", of("00", `${"0".repeat(31)}1`, `${"0".repeat(15)}1`), true],
    ["of a future version", of("01"), true],
    ["of a future version with extra data", `${of("cc")}-what-the-future-will-be-like`, true],
    ["of a future version that ends with a hyphen", `${of("cc")}-`, true],
    ["of the last future version", of("fe"), true],
  ] as const)("%s is continued", ([, header, isSampled], { expect }) => {
    const trace = continueTrace(carrying(header));
    expect(trace).toMatchObject({ traceId: header.slice(3, 35), isSampled });
    expect(trace.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(trace.spanId).not.toBe(PARENT_ID);
  });

  test("is answered with the same trace and a new span, as version 00", ({ expect }) => {
    const trace = continueTrace(carrying(`${of("cc", TRACE_ID, PARENT_ID, "ff")}-extra`));
    expect(formatTraceparent(trace)).toBe(`00-${TRACE_ID}-${trace.spanId}-01`);
    expect(continueTrace(carrying(formatTraceparent(trace))).traceId).toBe(TRACE_ID);
  });
});

describe("an invalid traceparent", () => {
  test.for([
    ["that is absent", null],
    ["that is empty", ""],
    ["of version ff", of("ff")],
    ["of version ff with extra data", `${of("ff")}-extra`],
    ["with a trace id of zeros", of("00", "0".repeat(32))],
    ["with a parent id of zeros", of("00", TRACE_ID, "0".repeat(16))],
    ["of a future version with a trace id of zeros", of("cc", "0".repeat(32))],
    ["with an upper-case trace id", of("00", TRACE_ID.toUpperCase())],
    ["with an upper-case parent id", of("00", TRACE_ID, PARENT_ID.toUpperCase())],
    ["with upper-case flags", of("00", TRACE_ID, PARENT_ID, "0A")],
    ["with an upper-case version", of("CC")],
    ["with a trace id too short", of("00", TRACE_ID.slice(1))],
    ["with a trace id too long", of("00", `${TRACE_ID}0`)],
    ["with a parent id too short", of("00", TRACE_ID, PARENT_ID.slice(1))],
    ["with a parent id too long", of("00", TRACE_ID, `${PARENT_ID}0`)],
    ["with flags too short", of("00", TRACE_ID, PARENT_ID, "1")],
    ["with flags too long", of("00", TRACE_ID, PARENT_ID, "001")],
    ["with a version too short", of("0")],
    ["with a version too long", of("000")],
    ["with letters beyond f", of("00", `${TRACE_ID.slice(1)}g`)],
    ["of version 00 with extra data", `${of()}-extra`],
    ["of version 00 that ends with a hyphen", `${of()}-`],
    ["of a future version with extra data after a dot", `${of("cc")}.extra`],
    ["of a future version with longer flags", `${of("cc")}0`],
    ["without flags", `00-${TRACE_ID}-${PARENT_ID}`],
    ["with another separator", of().replaceAll("-", "_")],
    ["with a leading space", ` ${of()}`],
    ["with a trailing space", `${of()} `],
    ["with a second one behind a comma", `${of()},${of()}`],
    ["with a newline", `${of()}\n`],
    ["of 100,000 characters", `${of("cc")}${"-".repeat(10)}\n${"x".repeat(100_000)}`],
  ])("%s starts a new trace", ([, header], { expect }) => {
    const trace = continueTrace(carrying(header));
    expect(trace.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(trace.traceId).not.toMatch(/^0+$/);
    expect(trace.traceId).not.toBe(TRACE_ID);
    expect(trace.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(trace.isSampled).toBe(false);
    expect(formatTraceparent(trace)).toBe(`00-${trace.traceId}-${trace.spanId}-00`);
  });
});

test("every request has a span of its own, and every new trace an id of its own", ({ expect }) => {
  const traces = Array.from({ length: 500 }, () => continueTrace(carrying(null)));
  expect(new Set(traces.map(({ traceId }) => traceId)).size).toBe(500);
  expect(new Set(traces.map(({ spanId }) => spanId)).size).toBe(500);
  const continued = Array.from({ length: 500 }, () => continueTrace(carrying(of())));
  expect(new Set(continued.map(({ spanId }) => spanId)).size).toBe(500);
});

/* Section 3.3, and the cases of its test suite. */
describe("a tracestate", () => {
  const stateOf = (tracestate: string | null, traceparent: string | null = of()) =>
    continueTrace(carrying(traceparent, tracestate)).tracestate;
  const member = (n: number, valueLength = 1) => `k${n}=${"v".repeat(valueLength)}`;
  const list = (length: number, valueLength = 1) => Array.from({ length }, (_, n) => member(n, valueLength)).join(",");

  const LONGEST = `a=${"v".repeat(253)},b=${"v".repeat(254)}`;

  test.for([
    ["of one member", "foo=1", "foo=1"],
    ["of two", "foo=1,bar=2", "foo=1,bar=2"],
    ["whose order is its own", "z=1,a=2", "z=1,a=2"],
    ["with blanks and tabs around members", "foo=1 \t, \tbar=2, baz=3", "foo=1,bar=2,baz=3"],
    ["with empty members", "foo=1,,,bar=2,", "foo=1,bar=2"],
    ["with a tenant", "tenant@system=1,0tenant@s=2", "tenant@system=1,0tenant@s=2"],
    ["with every character of a key", "a_-*/1=1", "a_-*/1=1"],
    ["with blanks within and before a value", "foo=a b,bar= c", "foo=a b,bar= c"],
    ["with characters that look dangerous", "foo=<&;:\\\"'>", "foo=<&;:\\\"'>"],
    [
      "with the longest key and value",
      `${"k".repeat(256)}=${"v".repeat(200)}`,
      `${"k".repeat(256)}=${"v".repeat(200)}`,
    ],
    ["of 32 members", list(32), list(32)],
    ["of exactly 512 characters", LONGEST, LONGEST],
  ])("%s goes on as it is", ([, header = "", kept], { expect }) => {
    expect(stateOf(header)).toBe(kept);
  });

  test.for([
    ["absent", null],
    ["empty", ""],
    ["of empty members", " ,, \t,"],
    ["with a member that is no pair", "foo=1,bar"],
    ["with an empty key", "foo=1,=2"],
    ["with an empty value", "foo=1,bar="],
    ["with a value of blanks", "foo=1,bar= \t "],
    ["with two equals signs", "foo=1,bar=2=3"],
    ["with a blank in a key", "foo bar=1"],
    ["with a blank after a key", "foo =1"],
    ["with an upper-case key", "FOO=1"],
    ["with a key that begins with a sign", "@foo=1"],
    ["with a key too long", `${"k".repeat(257)}=1`],
    ["with a value too long", `k=${"v".repeat(257)}`],
    ["with the same key twice", "foo=1,foo=1"],
    ["of 33 members", list(33)],
    ["with a letter beyond ASCII", "foo=1,bar=\u00fc"],
    ["with a control character", "foo=1,bar=2\u0007"],
    ["with a no-break space around a member", "foo=1,\u00a0bar=2"],
    ["of 100,000 characters", `foo=${" ".repeat(100_000)}1`],
    ["of 100,000 members", ",".repeat(100_000)],
  ])("%s is dropped whole", ([, header], { expect }) => {
    expect(stateOf(header ?? null)).toBeNull();
  });

  test.for([null, "", "nonsense", of("ff"), of("00", "0".repeat(32)), `${of()}-extra`])(
    "with the traceparent %j is dropped with it",
    (traceparent, { expect }) => {
      expect(stateOf("foo=1", traceparent)).toBeNull();
    },
  );

  test("that is too long loses whole members: those over 128 characters first, then the last ones", ({ expect }) => {
    const large = `large=${"v".repeat(200)}`;
    const small = Array.from({ length: 10 }, (_, n) => member(n, 40)).join(",");
    expect(stateOf(`${large},${small}`)).toBe(small);
    const kept = stateOf(list(32, 30));
    expect(kept?.length).toBeLessThanOrEqual(512);
    expect(list(32, 30).startsWith(`${kept},`)).toBe(true);
    expect(kept?.length).toBeGreaterThan(512 - 35);
    const both = stateOf(`a=${"v".repeat(255)},${large},b=${"v".repeat(256)}`);
    expect(both).toBe(`a=${"v".repeat(255)},${large}`);
  });
});
