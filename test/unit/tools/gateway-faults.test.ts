import { describe, test } from "vitest";

import { createRequestFaults, parseFault, type RequestFault } from "../../../tools/dev/gateway/faults.ts";

const ERROR: RequestFault = { kind: "http", status: 500, body: "oops" };

describe("a fault plan", () => {
  test("hands out faults in the order they were added, until they are spent", ({ expect }) => {
    const plan = createRequestFaults(() => 0);
    plan.add({ ...ERROR, times: 1 });
    plan.add({ kind: "reset", when: "after", times: 2 });
    expect(plan.take(["SELECT 1"]).map(({ kind }) => kind)).toEqual(["http", "reset"]);
    expect(plan.take(["SELECT 1"]).map(({ kind }) => kind)).toEqual(["reset"]);
    expect(plan.take(["SELECT 1"])).toEqual([]);
  });

  test("does not count requests that a fault does not match", ({ expect }) => {
    const plan = createRequestFaults(() => 0);
    plan.add({ ...ERROR, times: 1, match: "insert INTO users" });
    expect(plan.take(["SELECT 1"])).toEqual([]);
    expect(plan.take(["SELECT 1", "INSERT into USERS VALUES (1)"])).toHaveLength(1);
  });

  test("hits its share of requests, none at 0", ({ expect }) => {
    const draws = [0.05, 0.5, 0.099, 0.1];
    const plan = createRequestFaults(() => draws.shift() ?? 0);
    plan.add({ ...ERROR, probability: 0.1 });
    expect([1, 2, 3, 4].map(() => plan.take([""]).length)).toEqual([1, 0, 1, 0]);
    const extremes = createRequestFaults(() => 0);
    extremes.add({ ...ERROR, probability: 0 });
    expect(extremes.take([""])).toEqual([]);
  });

  test("forgets everything when cleared", ({ expect }) => {
    const plan = createRequestFaults(() => 0);
    plan.add(ERROR);
    plan.clear();
    expect(plan.take([""])).toEqual([]);
  });
});

describe("a fault from JSON", () => {
  test.for([
    { kind: "refuse", durationMs: 10 },
    { kind: "reset", when: "before", times: 1 },
    { kind: "slow", when: "after", delayMs: 10, probability: 0.5 },
    { kind: "http", status: 507, body: "", when: "after", contentType: "text/plain", match: "users" },
    { kind: "wake-up", status: 400, message: "no such project" },
    { kind: "cut-body", how: "disconnect" },
    { kind: "slow-body", delayMs: 10 },
  ])("$kind is kept as it is", (fault, { expect }) => {
    expect(parseFault({ ...fault, unknown: true })).toEqual(fault);
  });

  test.for<[unknown, string]>([
    [null, "a fault must be an object"],
    [{ kind: "explode" }, "kind must be one of refuse, reset, slow, http, wake-up, cut-body, slow-body"],
    [{ kind: "slow", when: "before" }, "delayMs is missing or invalid"],
    [{ kind: "reset", when: "never" }, "when is missing or invalid"],
    [{ kind: "http", status: 99, body: "" }, "status is missing or invalid"],
    [{ kind: "cut-body", times: -1 }, "times is missing or invalid"],
    [{ kind: "cut-body", probability: 2 }, "probability is missing or invalid"],
  ])("%j is refused", ([fault, message], { expect }) => {
    expect(() => parseFault(fault)).toThrow(message);
  });
});
