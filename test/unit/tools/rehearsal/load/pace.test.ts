import { describe, test } from "vitest";

import { createAffinityClients } from "../../../../../tools/rehearsal/load/affinity-clients.ts";
import { createPacer } from "../../../../../tools/rehearsal/load/pacer.ts";
import { createRandom, pickIndex, pickWeighted } from "../../../../../tools/rehearsal/load/random.ts";

describe("random numbers with a seed", () => {
  test("repeat for the same seed and differ for another", ({ expect }) => {
    const draw = (seed: number): number[] => Array.from({ length: 5 }, createRandom(seed));
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  test("are spread evenly over 0 to 1", ({ expect }) => {
    const random = createRandom(3);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 10_000; draw += 1) {
      const at = pickIndex(random, 10);
      counts[at] = (counts[at] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1_150);
  });

  test("choose as often as the weights say", ({ expect }) => {
    const random = createRandom(5);
    const items = [
      { name: "rare", weight: 1 },
      { name: "never", weight: 0 },
      { name: "common", weight: 9 },
    ];
    const names = Array.from({ length: 5_000 }, () => pickWeighted(random, items).name);
    expect(names).not.toContain("never");
    expect(names.filter((name) => name === "rare").length / 5_000).toBeCloseTo(0.1, 1);
    expect(() => pickWeighted(random, [])).toThrow("nothing to choose from");
  });
});

describe("the pacer", () => {
  test("keeps its mean rate, however often it is asked", ({ expect }) => {
    const pacer = createPacer(150, createRandom(1), 1_000);
    let count = 0;
    for (let now = 1_000; now <= 61_000; now += 7) count += pacer.due(now);
    expect(count / 60).toBeGreaterThan(145);
    expect(count / 60).toBeLessThan(155);
  });

  test("makes up for a time in which it was not asked", ({ expect }) => {
    const pacer = createPacer(100, createRandom(2), 0);
    expect(pacer.due(10_000)).toBeGreaterThan(900);
    expect(pacer.due(10_000)).toBe(0);
  });
});

describe("clients with a version key", () => {
  test("send one request at a time", ({ expect }) => {
    const clients = createAffinityClients(2);
    const [first, second] = [clients.take(() => 0), clients.take(() => 0)];
    expect(first).not.toBe(second);
    expect(clients.take(() => 0)).toBeNull();
    if (first !== null) clients.give(first);
    expect(clients.take(() => 0.9)).toBe(first);
  });
});
