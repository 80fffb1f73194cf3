import { describe, test } from "vitest";

import { judge, type Verdict, type Window } from "../../../../tools/release/judge/judge.ts";
import type { Block } from "../../../../tools/release/measure/measurement.ts";
import { measurementOf, repeat, secondOf, stalledSecond } from "../../../support/blocks.ts";

const OPEN: Window = { phase: "open", isPeerIdle: false };
const DUE: Window = { phase: "due", isPeerIdle: false };
const LAST: Window = { phase: "last", isPeerIdle: false };

/** @param baseline as many sound seconds when it is left out */
const decide = (window: Window, candidate: readonly Block[], baseline = repeat(candidate.length)): Verdict =>
  judge({ candidate: measurementOf(candidate), baseline: measurementOf(baseline) }, window);

/** Seconds of which every n-th is another one. */
const everyNth = (seconds: number, every: number, special: Block, usual = secondOf()): readonly Block[] =>
  Array.from({ length: seconds }, (_, place) => (place % every === every - 1 ? special : usual));

const reasonsOf = (verdict: Verdict): string => ("reasons" in verdict ? verdict.reasons.join("\n") : "");

describe("a good version", () => {
  test("is told when the time is over, with its numbers", ({ expect }) => {
    expect(decide(OPEN, repeat(30))).toEqual({ kind: "undecided" });
    expect(decide(DUE, repeat(30))).toEqual({
      kind: "healthy",
      reasons: [
        "0 of 240 requests failed (0 %), 0 of 240 on the old version",
        "the median answer took 20 ms, 20 ms on the old version",
        "95 % of answers took at most 22 ms, 22 ms on the old version",
      ],
    });
  });

  test("is not released on few answers", ({ expect }) => {
    expect(decide(DUE, repeat(18)).kind).toBe("undecided");
    expect(decide(LAST, repeat(18))).toEqual({
      kind: "too-few-samples",
      reasons: [
        "144 right answers of the new version and 144 of the old one were measured outside of stalls; a decision needs 150 of each",
      ],
    });
  });

  test("is not waited for when there is next to nothing to hope for", ({ expect }) => {
    expect(decide(DUE, []).kind).toBe("too-few-samples");
    expect(decide(DUE, repeat(5)).kind).toBe("too-few-samples");
  });

  test("is not released when the old one gives no right answer to compare with", ({ expect }) => {
    expect(decide(DUE, repeat(30), repeat(30, secondOf({ failed: 8 }))).kind).toBe("too-few-samples");
  });

  test("may replace one that fails half of its requests", ({ expect }) => {
    expect(decide(DUE, repeat(40), repeat(40, secondOf({ failed: 4 }))).kind).toBe("healthy");
  });

  test("may fail now and then", ({ expect }) => {
    expect(decide(OPEN, everyNth(30, 30, secondOf({ failed: 1 }))).kind).toBe("undecided");
    expect(decide(DUE, everyNth(30, 30, secondOf({ failed: 1 }))).kind).toBe("healthy");
  });

  test("may fail as often as the old one, at other times", ({ expect }) => {
    const early = everyNth(40, 4, secondOf({ failed: 1 }));
    const late = [...repeat(2), ...early.slice(0, -2)];
    expect(decide(OPEN, early, late).kind).toBe("undecided");
    expect(decide(LAST, early, late).kind).toBe("healthy");
    expect(decide(OPEN, early).kind).toBe("unhealthy");
  });
});

describe("what was seen before it had users", () => {
  const look = (candidate: readonly Block[]): Window => ({
    ...OPEN,
    before: { candidate: measurementOf(candidate), baseline: measurementOf(repeat(candidate.length)) },
  });
  const failing = everyNth(16, 3, secondOf({ failed: 1 }));

  test("speaks against a version", ({ expect }) => {
    expect(decide(look(failing), everyNth(3, 3, secondOf({ failed: 1 })))).toEqual({
      kind: "unhealthy",
      reasons: ["6 of 152 requests failed (3.9 %), 0 of 152 on the old version"],
    });
    expect(decide(OPEN, [...failing, ...repeat(3)]).kind).toBe("undecided");
    expect(
      decide({ ...look(repeat(9, secondOf({ ms: 80 }))), phase: "open" }, repeat(10, secondOf({ ms: 80 }))).kind,
    ).toBe("unhealthy");
  });

  test("does not speak for it", ({ expect }) => {
    const slowSince = repeat(24, secondOf({ ms: 80 }));
    expect(decide(OPEN, [...repeat(40), ...slowSince]).kind).toBe("undecided");
    expect(decide(look(repeat(40)), slowSince).kind).toBe("unhealthy");
  });
});

describe("doubt", () => {
  const twice = [...repeat(10), ...repeat(2, secondOf({ failed: 1 })), ...repeat(18)];
  const thrice = [...repeat(24), ...everyNth(6, 2, secondOf({ failed: 1 }))];

  test("asks for more time, and more time resolves it", ({ expect }) => {
    expect(decide(OPEN, thrice).kind).toBe("undecided");
    expect(decide(DUE, thrice).kind).toBe("undecided");
    expect(decide(DUE, [...thrice, ...repeat(25)]).kind).toBe("healthy");
    expect(decide(DUE, twice).kind).toBe("healthy");
  });

  test("in the end is for the version, unless the odds are 90 to 1", ({ expect }) => {
    expect(decide(LAST, thrice).kind).toBe("healthy");
    const suspicious = [...repeat(30), ...everyNth(14, 2, secondOf({ failed: 1 }))];
    expect(decide(OPEN, suspicious).kind).toBe("undecided");
    expect(decide(LAST, suspicious).kind).toBe("unhealthy");
    expect(reasonsOf(decide(LAST, suspicious))).toContain("still in doubt in the end: 7 of 352 requests failed");
  });
});

describe("errors", () => {
  test("of one request in twenty are told within half a minute", ({ expect }) => {
    const failing = everyNth(20, 3, secondOf({ failed: 1 }));
    expect(decide(OPEN, failing)).toEqual({
      kind: "unhealthy",
      reasons: ["6 of 160 requests failed (3.8 %), 0 of 160 on the old version"],
    });
  });

  test("in a few seconds are no more than those seconds, however many they are", ({ expect }) => {
    const burst = [...repeat(20), secondOf({ failed: 3 }), secondOf({ failed: 8 }), ...repeat(8)];
    expect(decide(OPEN, burst).kind).toBe("undecided");
  });

  test("that are much more frequent than the old version's many are told", ({ expect }) => {
    expect(decide(OPEN, repeat(20, secondOf({ failed: 4 })), repeat(20, secondOf({ failed: 1 }))).kind).toBe(
      "unhealthy",
    );
  });

  test("of requests that have been waiting for too long count", ({ expect }) => {
    const owing: Block = { ...secondOf({ of: 7 }), waitingMs: [3_000] };
    expect(decide(OPEN, everyNth(20, 3, owing)).kind).toBe("unhealthy");
    const waiting: Block = { ...secondOf({ of: 7 }), waitingMs: [2_900] };
    expect(decide(OPEN, everyNth(20, 3, waiting)).kind).toBe("undecided");
  });

  test("that come late in a long bake are told as soon as early ones", ({ expect }) => {
    const late = [...repeat(1_000), ...everyNth(30, 2, secondOf({ failed: 1 }))];
    expect(decide(OPEN, late).kind).toBe("unhealthy");
  });

  test("of both versions are an outage: not the new one's fault, but no moment to go on", ({ expect }) => {
    const outage = repeat(30, secondOf({ failed: 2 }));
    expect(decide(OPEN, outage, outage).kind).toBe("undecided");
    expect(decide(DUE, outage, outage).kind).toBe("undecided");
    expect(decide(LAST, outage, outage)).toEqual({
      kind: "unhealthy",
      reasons: [
        "both versions fail, so the new one cannot be judged: 60 of 240 requests failed (25 %), 60 of 240 (25 %) on the old version",
      ],
    });
    expect(decide(DUE, [...outage, ...repeat(60)], [...outage, ...repeat(60)]).kind).toBe("healthy");
  });
});

describe("a breakdown", () => {
  const broken = secondOf({ failed: 8 });

  test("of all requests is told after two seconds", ({ expect }) => {
    expect(decide(OPEN, [secondOf(), broken]).kind).toBe("undecided");
    expect(decide(OPEN, [secondOf(), broken, broken])).toEqual({
      kind: "unhealthy",
      reasons: ["16 of 16 requests failed within 2 s, while the old version answered"],
    });
  });

  test("needs more than a handful of requests, and an old version that works", ({ expect }) => {
    expect(decide(OPEN, repeat(2, secondOf({ failed: 5, of: 5 })), repeat(2)).kind).toBe("undecided");
    expect(decide(OPEN, repeat(3, broken), repeat(3, secondOf({ failed: 2 }))).kind).toBe("undecided");
  });

  test("is a version that answers nothing for six seconds, answers that are still owed included", ({ expect }) => {
    const silent = (ages: readonly number[]): Block[] =>
      ages.map((age) => ({ succeededMs: [], failedMs: [], waitingMs: Array.from({ length: 8 }, () => age) }));
    expect(decide(OPEN, silent([5_500, 4_500, 3_500, 2_500, 1_500, 500])).kind).toBe("undecided");
    const verdict = decide(OPEN, silent([6_500, 5_500, 4_500, 3_500, 2_500, 1_500, 500]));
    expect(verdict).toEqual({
      kind: "unhealthy",
      reasons: ["the new version answered next to nothing for 6 s, while the old version did"],
    });
  });

  test("is not a machine that stands still", ({ expect }) => {
    expect(decide(OPEN, repeat(20, stalledSecond()), repeat(20, stalledSecond())).kind).toBe("undecided");
  });
});

describe("a stall", () => {
  const failingStall: Block = { succeededMs: [3_000, 2_900, 1_500], failedMs: [2_800, 2_700, 2_600], waitingMs: [] };
  const stall = [secondOf({ failed: 3 }), ...repeat(5, failingStall), secondOf({ failed: 1 })];
  const stalls = [...repeat(6), ...stall, ...repeat(9), ...stall, ...repeat(9), ...stall, ...repeat(10)];

  test("of the new version alone is weather, with the seconds next to it", ({ expect }) => {
    expect(decide(OPEN, stalls).kind).toBe("undecided");
    expect(decide(DUE, stalls).kind).toBe("healthy");
  });

  test("hides no fault: what fails in between is told", ({ expect }) => {
    const faulty = stalls.map((block, place) =>
      block.failedMs.length === 0 && place % 3 === 0 ? secondOf({ failed: 1 }) : block,
    );
    expect(decide(OPEN, faulty).kind).toBe("unhealthy");
  });

  test("leaves too little to judge by when it takes all of the time", ({ expect }) => {
    const often = everyNth(40, 4, stalledSecond());
    expect(decide(LAST, often).kind).toBe("too-few-samples");
  });
});

describe("latency", () => {
  test("that doubles is told while the time runs", ({ expect }) => {
    expect(decide(OPEN, repeat(18, secondOf({ ms: 48 })), repeat(18, secondOf({ ms: 24 }))).kind).toBe("undecided");
    expect(decide(OPEN, repeat(19, secondOf({ ms: 48 })), repeat(19, secondOf({ ms: 24 })))).toEqual({
      kind: "unhealthy",
      reasons: ["the median answer took 48 ms, 24 ms on the old version"],
    });
  });

  test("needs five spells in a row, which are seconds when each has 24 answers", ({ expect }) => {
    const [slow, usual] = [secondOf({ ms: 48, of: 32 }), secondOf({ ms: 24, of: 32 })];
    expect(decide(OPEN, repeat(4, slow), repeat(4, usual)).kind).toBe("undecided");
    expect(decide(OPEN, repeat(5, slow), repeat(5, usual)).kind).toBe("unhealthy");
  });

  test("needs four when each has 40 answers", ({ expect }) => {
    const [slow, usual] = [secondOf({ ms: 48, of: 48 }), secondOf({ ms: 24, of: 48 })];
    expect(decide(OPEN, repeat(3, slow), repeat(3, usual)).kind).toBe("undecided");
    expect(decide(OPEN, repeat(4, slow), repeat(4, usual)).kind).toBe("unhealthy");
  });

  test("is not compared before 150 answers", ({ expect }) => {
    const slow = repeat(37, secondOf({ ms: 200, of: 4 }));
    expect(decide(OPEN, slow, repeat(37, secondOf({ of: 4 }))).kind).toBe("undecided");
    expect(decide(OPEN, [...slow, secondOf({ ms: 200, of: 4 })], repeat(38, secondOf({ of: 4 }))).kind).toBe(
      "unhealthy",
    );
  });

  test("of one slow spell is weather", ({ expect }) => {
    const spell = [...repeat(8), ...repeat(9, secondOf({ ms: 80 })), ...repeat(13)];
    expect(decide(OPEN, spell).kind).toBe("undecided");
    expect(decide(DUE, [...spell, ...repeat(15)]).kind).toBe("healthy");
  });

  test.for([
    ["few milliseconds, however large the ratio", 6, 2],
    ["many milliseconds, but little in proportion", 280, 210],
    ["less than nothing", 24, 480],
  ] as const)("that grows by %s does not count", ([, ms, before], { expect }) => {
    expect(decide(DUE, repeat(30, secondOf({ ms })), repeat(30, secondOf({ ms: before }))).kind).toBe("healthy");
  });

  test("of the slowest is told when the time is over, and not before", ({ expect }) => {
    const withSlow: Block = { ...secondOf(), succeededMs: [...secondOf({ of: 7 }).succeededMs, 400] };
    const slow = everyNth(30, 2, withSlow);
    expect(decide(OPEN, slow).kind).toBe("undecided");
    expect(decide(DUE, slow)).toEqual({
      kind: "unhealthy",
      reasons: [expect.stringMatching(/^95 % of answers took at most \d+ ms, 22 ms on the old version$/)],
    });
    // The old one's are as slow.
    expect(decide(DUE, slow, slow).kind).toBe("healthy");
  });

  test("of a cold start does not count", ({ expect }) => {
    const cold = [...repeat(2, secondOf({ ms: 400 })), ...repeat(28)];
    expect(decide(DUE, cold).kind).toBe("healthy");
  });

  test("and errors are both told", ({ expect }) => {
    const verdict = decide(OPEN, everyNth(30, 3, secondOf({ ms: 60, failed: 2 }), secondOf({ ms: 60 })));
    expect(verdict).toMatchObject({
      kind: "unhealthy",
      reasons: [expect.stringContaining("20 of 240"), expect.stringContaining("60 ms")],
    });
  });

  test("beside an idle old version may be twice as long, but not three times", ({ expect }) => {
    const idle = { ...DUE, isPeerIdle: true };
    expect(decide(DUE, repeat(30, secondOf({ ms: 96 })), repeat(30, secondOf({ ms: 48 }))).kind).toBe("unhealthy");
    expect(decide(idle, repeat(30, secondOf({ ms: 96 })), repeat(30, secondOf({ ms: 48 }))).kind).toBe("healthy");
    expect(decide(idle, repeat(30, secondOf({ ms: 150 })), repeat(30, secondOf({ ms: 48 }))).kind).toBe("unhealthy");
  });
});
