import { describe, test } from "vitest";

import { judgeMetrics, type MetricsVerdict } from "../../../../../tools/release/judge/metrics/judge-metrics.ts";
import { describeNeeds, requestsToFind } from "../../../../../tools/release/judge/metrics/power.ts";
import { summarizeMetrics } from "../../../../../tools/release/judge/metrics/summary.ts";
import type { Tick } from "../../../../../tools/release/metrics/observation.ts";
import {
  type Behaviour,
  BOUNDS_MS,
  everySeconds,
  PATCH,
  POST,
  READ,
  SOUND,
  ticksOf,
} from "../../../../support/metrics-ticks.ts";

const judge = (ticks: readonly Tick[], window: Partial<Parameters<typeof judgeMetrics>[1]> = {}): MetricsVerdict =>
  judgeMetrics(
    { ticks, boundsMs: BOUNDS_MS },
    { phase: "last", isPeerIdle: false, passedShare: 1, before: 0, ...window },
  );

const broken = (changes: Behaviour): Behaviour => ({ ...SOUND, ...changes });

describe("a fault that only real traffic meets", () => {
  test.for([
    ["all creations fail", { [POST]: { rate: 12, failed: (): number => 12 } }, 4, POST],
    [
      "all writes fail, a few a second",
      { [POST]: { rate: 2, failed: (): number => 2 }, [PATCH]: { rate: 2, failed: (): number => 2 } },
      4,
      "writes",
    ],
    ["one creation in twelve fails", { [POST]: { rate: 12, failed: (): number => 1 } }, 60, POST],
    ["one request in five hundred fails", { [READ]: { rate: 80, failed: everySeconds(5) } }, 60, "all requests"],
    ["one creation a second is lost among many", { [POST]: { rate: 12, refused: (): number => 12 } }, 60, "4xx"],
    ["creations take ten times as long", { [POST]: { rate: 12, ms: 200 } }, 60, "more than"],
  ] as const)("is found: %s", ([, changes, seconds, said], { expect }) => {
    const verdict = judge(ticksOf(seconds, broken(changes)), { phase: "open" });
    expect(verdict.kind).toBe("unhealthy");
    expect(verdict.reasons.join("\n")).toContain(said);
  });

  test("is found although the new version has a tenth of the users, and a few writes", ({ expect }) => {
    const candidate = { [READ]: { rate: 8 }, [POST]: { rate: 1, failed: (): number => 1 } };
    expect(judge(ticksOf(30, candidate), { phase: "open" }).kind).toBe("unhealthy");
  });

  test("is found at 100 %, where the old version only answers probes", ({ expect }) => {
    const probes = { [READ]: { rate: 8 } };
    const before = ticksOf(30, SOUND);
    const at100 = ticksOf(30, broken({ [POST]: { rate: 12, failed: everySeconds(2) } }), probes);
    expect(judge([...before, ...at100], { isPeerIdle: true }).kind).toBe("unhealthy");
  });
});

describe("what is no fault", () => {
  const failing = (count: number): Behaviour => broken({ [READ]: { rate: 80, failed: everySeconds(2, count) } });

  test.for([
    ["the same failures on both", failing(1), failing(1)],
    ["one burst of failures", broken({ [READ]: { rate: 80, failed: (second) => (second === 10 ? 60 : 0) } }), SOUND],
    ["one failure", broken({ [POST]: { rate: 12, failed: (second) => (second === 10 ? 1 : 0) } }), SOUND],
    [
      "a route that fails on either, of which the new version is asked twice as often",
      broken({ "GET /bad": { rate: 40, failed: everySeconds(2, 4) } }),
      broken({ "GET /bad": { rate: 20, failed: everySeconds(2, 2) } }),
    ],
    [
      "clients that ask for what is not there",
      broken({ "GET other": { rate: 50, refused: () => 50 } }),
      broken({ "GET other": { rate: 1, refused: () => 1 } }),
    ],
    ["a few more refusals", broken({ [READ]: { rate: 80, refused: () => 4 } }), SOUND],
    ["a version that is within the tolerance of times", broken({ [READ]: { rate: 80, ms: 26 } }), SOUND],
    ["a stall in which requests run into time limits", broken({ [READ]: { rate: 80, ms: 20 } }), SOUND],
  ] as const)("is not called one: %s", ([, candidate, baseline], { expect }) => {
    const ticks = ticksOf(60, candidate, baseline);
    for (const seconds of [9, 30, 60]) {
      expect(judge(ticks.slice(0, seconds)), `${seconds} s`).toMatchObject({ kind: "healthy" });
    }
  });

  test("failures while the version stood still are the weather's", ({ expect }) => {
    const stalled = ticksOf(3, {
      [READ]: { rate: 80, failed: () => 30, ms: 2_600 },
      [POST]: { rate: 12, failed: () => 6, ms: 2_600 },
    });
    const calm = ticksOf(12, SOUND);
    const ticks = [...calm, ...stalled, ...calm, ...stalled, ...calm, ...stalled, ...calm];
    expect(judge(ticks).kind).toBe("healthy");
  });
});

describe("the number of requests that a fault takes", () => {
  test("grows with its rarity, and is told", ({ expect }) => {
    const sizes = [0.002, 0.01, 0.05, 0.5].map((share) => requestsToFind(share, 60));
    expect(sizes).toEqual(sizes.toSorted((left, right) => right - left));
    expect(requestsToFind(0.00001, 60)).toBe(Infinity);
    expect(describeNeeds(500)).toMatch(/\d+ for one in 500, \d+ for one in 100, \d+ for one in 20$/);
  });

  test("is waited for when it can come in time, and said to be too little when it cannot", ({ expect }) => {
    const ticks = ticksOf(30, SOUND);
    const waiting = judge(ticks, { phase: "due", passedShare: 1 / 3 });
    expect(waiting).toMatchObject({
      kind: "waiting",
      reasons: [expect.stringContaining("too few to find a fault of one request in 500")],
    });
    // Ten times as few will not be enough however long one waits.
    const few = judge(ticksOf(30, { [READ]: { rate: 8 } }), { phase: "due", passedShare: 1 / 3 });
    expect(few).toMatchObject({ kind: "healthy", reasons: [expect.stringContaining("240 requests, too few")] });
    expect(
      judge(ticksOf(30, { [READ]: { rate: 8 } }), { phase: "due", passedShare: 1 / 3, rarest: 0.5 }),
    ).toMatchObject({
      reasons: [expect.stringContaining("enough to find a fault of one request in 2")],
    });
    expect(judge([], { phase: "last" }).kind).toBe("healthy");
  });
});

test("the report has the evidence of each route", ({ expect }) => {
  const candidate = broken({ [POST]: { rate: 12, failed: (): number => 12 } });
  const { routes, unavailable } = summarizeMetrics({ ticks: ticksOf(30, candidate), boundsMs: BOUNDS_MS }, false, null);
  expect(unavailable).toBeNull();
  expect(routes.map(({ route }) => route)).toEqual([READ, PATCH, POST]);
  const post = routes.find(({ route }) => route === POST);
  expect(post?.candidate).toEqual({ requests: 360, failed: 360, refused: 0, p95AtMostMs: null });
  expect(post?.baseline).toEqual({ requests: 360, failed: 0, refused: 0, p95AtMostMs: 25 });
  expect(post?.evidence.failed).toBeGreaterThanOrEqual(1);
  expect(routes[0]?.evidence.failed).toBeLessThan(1);
});
