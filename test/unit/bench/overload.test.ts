import { describe, test } from "vitest";

import type { Sent, StretchResult } from "../../../bench/overload/job.ts";
import { judgeOverload } from "../../../bench/overload/judge.ts";
import { toOverloadReport } from "../../../bench/overload/report.ts";
import { capacityOf, type LoadPoint, recoveryOf, toLoadPoint } from "../../../bench/overload/summary.ts";
import { MACHINE } from "./machine.ts";

const sent = (dueMs: number, status: number, ms = 10, hasRetryAfter = status === 503): Sent => ({
  dueMs,
  ms,
  status,
  hasRetryAfter,
  failure: status === 0 ? "ECONNRESET" : null,
});

const stretch = (requests: readonly Sent[], more: Partial<StretchResult> = {}): StretchResult => ({
  seconds: 10,
  sent: requests,
  health: [],
  maxLagMs: 1,
  ...more,
});

/** One request each 10 ms. */
const every10ms = (seconds: number, status: (dueMs: number) => number): Sent[] =>
  Array.from({ length: seconds * 100 }, (_, place) => sent(place * 10, status(place * 10)));

describe("a stretch of load", () => {
  test("each request is counted once, by what became of it", ({ expect }) => {
    const requests = [
      sent(0, 200, 20),
      sent(0, 200, 40),
      sent(0, 200, 5_001),
      sent(0, 503, 2),
      sent(0, 503, 2, false),
      sent(0, 504, 5_100),
      sent(0, 0, 15_000),
    ];
    const health = [sent(0, 200, 3), sent(50, 503, 1)];
    expect(toLoadPoint(2, stretch(requests, { health }))).toEqual({
      factor: 2,
      offered: 0.7,
      goodput: 0.2,
      refused: 0.1,
      late: 0.1,
      other: expect.closeTo(0.2, 9),
      unanswered: 1,
      failures: { ECONNRESET: 1 },
      servedTimes: { p50Ms: 40, p99Ms: 40, maxMs: 40 },
      refusedTimes: { p50Ms: 2, p99Ms: 2, maxMs: 2 },
      slowestMs: 5_100,
      healthTimes: { p50Ms: 3, p99Ms: 3, maxMs: 3 },
      healthFailures: 1,
      maxLagMs: 1,
    });
  });

  test("the capacity is what is served after the first two seconds, within the time", ({ expect }) => {
    const requests = [...every10ms(10, () => 200), sent(9_999, 200, 50), sent(5_000, 503)];
    expect(capacityOf(stretch(requests))).toBeCloseTo(800 / 8, 9);
  });
});

describe("recovery", () => {
  test.for<[string, (dueMs: number) => number, number | null]>([
    ["at once", () => 200, 0],
    ["after the last refusal", (dueMs) => (dueMs < 1_250 ? 503 : 200), 1_300],
    ["one stray refusal later does not count", (dueMs) => (dueMs < 400 || dueMs === 9_000 ? 503 : 200), 400],
    ["never", (dueMs) => (dueMs % 100 === 0 ? 503 : 200), null],
    ["too late to be told from never", (dueMs) => (dueMs < 8_500 ? 504 : 200), null],
  ])("%s", ([, status, expected], { expect }) => {
    expect(recoveryOf({ seconds: 10, sent: every10ms(10, status) })).toBe(expected);
  });
});

const point = (factor: number, goodput: number, more: Partial<LoadPoint> = {}): LoadPoint => ({
  ...toLoadPoint(factor, stretch([sent(0, 200)], { health: [sent(0, 200)] })),
  goodput,
  ...more,
});

describe("the verdict", () => {
  const good = [point(0.5, 50), point(1, 100), point(3, 80)];

  test("a service that keeps its goodput has no problem", ({ expect }) => {
    expect(judgeOverload(good, 3_000)).toEqual({ problems: [], isInconclusive: false });
  });

  test.for<[string, readonly LoadPoint[], number | null]>([
    ["goodput at 3 times the capacity is 79 %", [point(1, 100), point(3, 79)], 0],
    ["goodput at 3 times the capacity is none", [point(1, 0), point(3, Number.NaN)], 0],
    ["1 requests had no answer", [...good, point(2, 90, { unanswered: 1 })], 0],
    ["an answer took 5501 ms", [...good, point(2, 90, { slowestMs: 5_501 })], 0],
    ["2 health probes failed", [...good, point(2, 90, { healthFailures: 2 })], 0],
    ["recovery took 3001 ms", good, 3_001],
    ["no recovery", good, null],
  ])("%s", ([problem, points, recoveryMs], { expect }) => {
    expect(judgeOverload(points, recoveryMs)).toEqual({
      problems: [expect.stringContaining(problem)],
      isInconclusive: false,
    });
  });

  test("says nothing where the generator came late", ({ expect }) => {
    const verdict = judgeOverload([point(1, 100), point(3, 10, { maxLagMs: 400 })], 0);
    expect(verdict.isInconclusive).toBe(true);
    expect(judgeOverload([point(1, 100), point(3, 90, { maxLagMs: 400 })], 0).isInconclusive).toBe(false);
  });

  test("the report has a row for each load, and draws all but the way back", ({ expect }) => {
    const points = [point(1, 100), point(3, 90, { offered: 300 }), point(0.5, 50)];
    const settings = { sessions: 8, serviceMs: 40, seconds: 10 };
    const verdict = judgeOverload(points, 400);
    const report = toOverloadReport({ machine: MACHINE, settings, capacity: 100, points, recoveryMs: 400, verdict });
    expect(report.document).toMatchObject({ capacity_rps: 100, recovery_ms: 400, problems: [] });
    expect(report.markdown).toContain("| 3.0 | 300 | 90 | 0 | 0 | 0 | 0 | 10, 10 | 0, 0 | 10 | 10 |");
    expect(report.markdown).toMatch(/recovery 400 ms[^]*\nok\n/);
    expect(report.svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});
