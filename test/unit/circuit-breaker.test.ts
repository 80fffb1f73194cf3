import { describe, test } from "vitest";

import { CircuitBreaker, type CallOutcome } from "../../src/resilience/circuit-breaker.ts";

function given() {
  let now = 0;
  const transitions: string[] = [];
  const breaker = new CircuitBreaker({
    failureThreshold: 3,
    openMs: 1_000,
    maxProbes: 2,
    clock: () => now,
    onTransition: ({ from, to }) => transitions.push(`${from} > ${to}`),
  });
  const begin = () => {
    const permit = breaker.enter();
    if (permit === null) throw new Error("the call was refused");
    return permit;
  };
  const call = (...outcomes: readonly CallOutcome[]) => {
    for (const outcome of outcomes) breaker.settle(begin(), outcome);
  };
  return { breaker, begin, call, transitions, wait: (ms: number) => void (now += ms) };
}

describe("a closed circuit", () => {
  test("opens after so many failures in a row, and tells it once", ({ expect }) => {
    const { breaker, call, transitions } = given();
    call("failed", "failed");
    expect(breaker.admits()).toBe(true);
    call("failed");
    expect(breaker.admits()).toBe(false);
    expect(breaker.enter()).toBeNull();
    expect(transitions).toEqual(["closed > open"]);
  });

  test("forgets failures at the first answer", ({ expect }) => {
    const { breaker, call } = given();
    call("failed", "failed", "answered", "failed", "failed");
    expect(breaker.admits()).toBe(true);
  });

  test("takes a call that ended undecided for neither", ({ expect }) => {
    const { breaker, call } = given();
    call("failed", "failed", ...Array.from({ length: 10 }, () => "undecided" as const));
    expect(breaker.admits()).toBe(true);
    call("failed");
    expect(breaker.admits()).toBe(false);
  });
});

describe("an open circuit", () => {
  test("refuses until its time is over, then lets a few probes through", ({ expect }) => {
    const { breaker, begin, call, wait, transitions } = given();
    call("failed", "failed", "failed");
    wait(999);
    expect(breaker.enter()).toBeNull();
    wait(1);
    expect(breaker.admits()).toBe(true);
    begin();
    begin();
    expect(breaker.admits()).toBe(false);
    expect(breaker.enter()).toBeNull();
    expect(transitions).toEqual(["closed > open", "open > half-open"]);
  });

  test("lets others through when its probes never end, as when the platform has ended who made them", ({ expect }) => {
    const { breaker, begin, call, wait, transitions } = given();
    call("failed", "failed", "failed");
    wait(1_000);
    begin();
    wait(500);
    begin();
    wait(999);
    expect(breaker.admits()).toBe(false);
    wait(1);
    expect(breaker.admits()).toBe(true);
    const permit = begin();
    begin();
    expect(breaker.enter()).toBeNull();
    breaker.settle(permit, "answered");
    expect(transitions).toEqual(["closed > open", "open > half-open", "half-open > closed"]);
  });

  test("is not moved by asking", ({ expect }) => {
    const { breaker, call, wait, transitions } = given();
    call("failed", "failed", "failed");
    wait(1_000);
    for (let asked = 0; asked < 10; asked++) expect(breaker.admits()).toBe(true);
    expect(transitions).toEqual(["closed > open"]);
  });
});

describe("a half-open circuit", () => {
  const opened = () => {
    const parts = given();
    parts.call("failed", "failed", "failed");
    parts.wait(1_000);
    return parts;
  };

  test("closes at the first answer", ({ expect }) => {
    const { breaker, call, transitions } = opened();
    call("answered");
    expect(breaker.admits()).toBe(true);
    expect(transitions.at(-1)).toBe("half-open > closed");
  });

  test.for(["failed", "undecided"] as const)(
    "opens again for the whole time when a probe ends %s",
    (end, { expect }) => {
      const { breaker, call, wait } = opened();
      call(end);
      wait(999);
      expect(breaker.admits()).toBe(false);
      wait(1);
      expect(breaker.admits()).toBe(true);
    },
  );

  test("does not listen to calls of an earlier state", ({ expect }) => {
    const { breaker, begin, call, wait, transitions } = given();
    const early = begin();
    call("failed", "failed", "failed");
    breaker.settle(early, "answered");
    expect(breaker.admits()).toBe(false);
    wait(1_000);
    const [first, second] = [begin(), begin()];
    breaker.settle(early, "failed");
    breaker.settle(first, "answered");
    breaker.settle(second, "failed");
    expect(breaker.admits()).toBe(true);
    expect(transitions).toEqual(["closed > open", "open > half-open", "half-open > closed"]);
  });

  test("counts failures from nothing once it has closed", ({ expect }) => {
    const { breaker, call } = opened();
    call("answered", "failed", "failed");
    expect(breaker.admits()).toBe(true);
    call("failed");
    expect(breaker.admits()).toBe(false);
  });
});
