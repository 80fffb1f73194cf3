import { describe, test } from "vitest";

import { calibrate } from "../../../../../tools/rehearsal/load/calibration.ts";
import { describeRoom, summarizeRoom } from "../../../../../tools/rehearsal/room/room.ts";
import type { RoomSample } from "../../../../../tools/rehearsal/room/sample.ts";
import { createShedder } from "../../../../../tools/rehearsal/room/shedder.ts";
import { findShortages, isDisturbed, shortMs } from "../../../../../tools/rehearsal/room/shortage.ts";

const sample = (at: number, changes: Partial<RoomSample> = {}): RoomSample => ({
  at,
  lagMs: 5,
  starvedShare: 0.3,
  shed: 0,
  controls: [{ at: at - 100, ms: 8, isAnswered: true }],
  ...changes,
});

describe("a shortage", () => {
  test("is there while a control request waits, with what comes after it", ({ expect }) => {
    const slow = sample(2_000, { controls: [{ at: 1_000, ms: 900, isAnswered: true }] });
    expect(findShortages([sample(500), slow, sample(9_000)])).toEqual([{ from: 1_000, to: 3_900 }]);
  });

  test("is there when the generator itself did not run, or the control got no answer", ({ expect }) => {
    expect(findShortages([sample(5_000, { lagMs: 400 })])).toEqual([{ from: 4_600, to: 7_000 }]);
    const unanswered = sample(5_000, { controls: [{ at: 4_900, ms: 10, isAnswered: false }] });
    expect(findShortages([unanswered])).toHaveLength(1);
  });

  test("is there when a version's runtime got no processor, from the sample before", ({ expect }) => {
    const samples = [sample(5_000), sample(5_500, { starvedShare: 0.8 }), sample(6_000)];
    expect(findShortages(samples)).toEqual([{ from: 5_000, to: 7_500 }]);
  });

  test("is one with the next that overlaps it", ({ expect }) => {
    const samples = [sample(5_000, { lagMs: 400 }), sample(6_000, { lagMs: 300 }), sample(20_000, { lagMs: 300 })];
    const shortages = findShortages(samples);
    expect(shortages).toEqual([
      { from: 4_600, to: 8_000 },
      { from: 19_700, to: 22_000 },
    ]);
    expect(shortMs(shortages, 7_000, 20_000)).toBe(1_300);
  });

  test("disturbs what it was a good part of", ({ expect }) => {
    const shortages = [{ from: 1_000, to: 4_000 }];
    expect(isDisturbed(shortages, 0, 20_000)).toBe(true);
    expect(isDisturbed(shortages, 0, 21_000)).toBe(false);
    expect(isDisturbed(shortages, 5_000, 9_000)).toBe(false);
    expect(isDisturbed(shortages, 2_000, 2_000)).toBe(false);
  });
});

describe("shedding", () => {
  const admitted = (shedder: ReturnType<typeof createShedder>, now: number): number =>
    Array.from({ length: 100 }, () => shedder.admits(now)).filter(Boolean).length;

  test("lets everything through while the control answers", ({ expect }) => {
    const shedder = createShedder();
    shedder.onSent(1, 0);
    shedder.onEnd(1, 40);
    shedder.onLag(20, 50);
    expect(admitted(shedder, 60)).toBe(100);
  });

  test("sends a part while a control request waits, and for a moment after it", ({ expect }) => {
    const shedder = createShedder();
    shedder.onSent(1, 0);
    expect(admitted(shedder, 200)).toBe(100);
    expect(admitted(shedder, 300)).toBe(20);
    shedder.onEnd(1, 2_000);
    expect(admitted(shedder, 2_900)).toBe(20);
    expect(admitted(shedder, 3_100)).toBe(100);
  });

  test("sends a part after a version's runtime got no processor for most of the time", ({ expect }) => {
    const shedder = createShedder();
    shedder.onStarved(0.5, 1_000);
    expect(admitted(shedder, 1_100)).toBe(100);
    shedder.onStarved(0.7, 1_500);
    expect([admitted(shedder, 2_400), admitted(shedder, 2_600)]).toEqual([20, 100]);
  });

  test("sends a part after the generator itself did not run", ({ expect }) => {
    const shedder = createShedder();
    shedder.onLag(600, 1_000);
    expect(admitted(shedder, 1_500)).toBe(20);
  });
});

test.for([
  [40, 20],
  [400, 40],
  [4_000, 135],
])("%d right answers in the time of measuring make %d requests a second", ([answered = 0, rate], { expect }) => {
  expect(calibrate(answered, 135)).toEqual({ capacity: answered / 4, rate });
});

test("the room is told in a line", ({ expect }) => {
  const samples = [sample(1_000), sample(11_000, { lagMs: 500, shed: 7 })];
  const shares = [{ at: 0, own: { workerd: 0.5 }, others: 1.5 }];
  const line = describeRoom(summarizeRoom({ samples, shares, capacity: 300, rate: 120 }));
  expect(line).toBe(
    "room: 120 requests a second of 300 that this machine answers; a Worker that does nothing took 8 ms (p99 8 ms, at most 8 ms); " +
      "the load generator waited 500 ms at most; others used 1.5 processors (at most 1.5); short of room for 5.0 % of the time, 7 requests not sent",
  );
});
