import { describe, test } from "vitest";

import { createFaultPlan } from "../../../../tools/faults/fault-plan.ts";

const createPlan = (random: () => number = () => 0) =>
  createFaultPlan<{ name: string; times?: number; probability?: number }, string>({
    random,
    matches: ({ name }, request) => request.includes(name),
  });

describe("a plan of faults", () => {
  test("hands out what matches, in the order of addition, and counts what it handed out", ({ expect }) => {
    const plan = createPlan();
    plan.add({ name: "a", times: 2 });
    plan.add({ name: "b" });
    expect(plan.take("b a").map(({ name }) => name)).toEqual(["a", "b"]);
    expect(plan.take("b").map(({ name }) => name)).toEqual(["b"]);
    expect(plan.list()).toEqual([{ name: "a", times: 1 }, { name: "b" }]);
    expect(plan.take("a")).toHaveLength(1);
    expect(plan.take("a")).toEqual([]);
  });

  test("counts none of those beyond the limit", ({ expect }) => {
    const plan = createPlan();
    plan.add({ name: "a", times: 1 });
    plan.add({ name: "a", times: 1 });
    expect(plan.take("a", 1)).toHaveLength(1);
    expect(plan.take("a", 1)).toHaveLength(1);
    expect(plan.take("a", 1)).toEqual([]);
  });

  test("draws for a fault that matches, and for no other", ({ expect }) => {
    const draws = [0.05, 0.5];
    const plan = createPlan(() => draws.shift() ?? 1);
    plan.add({ name: "a", probability: 0.1 });
    expect(["b", "a", "b", "a", "a"].map((request) => plan.take(request).length)).toEqual([0, 1, 0, 0, 0]);
  });
});
