import { describe, test } from "vitest";

import { continueTrace, formatTraceparent } from "../../src/observability/trace-context.ts";

/* Cases of the W3C Trace Context recommendation and of its test suite. */

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const PARENT_ID = "b7ad6b7169203331";
const of = (version = "00", traceId = TRACE_ID, parentId = PARENT_ID, flags = "01") =>
  `${version}-${traceId}-${parentId}-${flags}`;

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
    const trace = continueTrace(header ?? null);
    expect(trace).toMatchObject({ traceId: header.slice(3, 35), isSampled });
    expect(trace.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(trace.spanId).not.toBe(PARENT_ID);
  });

  test("is answered with the same trace and a new span, as version 00", ({ expect }) => {
    const trace = continueTrace(`${of("cc", TRACE_ID, PARENT_ID, "ff")}-extra`);
    expect(formatTraceparent(trace)).toBe(`00-${TRACE_ID}-${trace.spanId}-01`);
    expect(continueTrace(formatTraceparent(trace)).traceId).toBe(TRACE_ID);
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
    const trace = continueTrace(header ?? null);
    expect(trace.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(trace.traceId).not.toMatch(/^0+$/);
    expect(trace.traceId).not.toBe(TRACE_ID);
    expect(trace.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(trace.isSampled).toBe(false);
    expect(formatTraceparent(trace)).toBe(`00-${trace.traceId}-${trace.spanId}-00`);
  });
});

test("every request has a span of its own, and every new trace an id of its own", ({ expect }) => {
  const traces = Array.from({ length: 500 }, () => continueTrace(null));
  expect(new Set(traces.map(({ traceId }) => traceId)).size).toBe(500);
  expect(new Set(traces.map(({ spanId }) => spanId)).size).toBe(500);
  const continued = Array.from({ length: 500 }, () => continueTrace(of()));
  expect(new Set(continued.map(({ spanId }) => spanId)).size).toBe(500);
});
