import { describe, test } from "vitest";

import { CircuitBreaker } from "../../src/resilience/circuit-breaker.ts";
import { ConcurrencyLimit } from "../../src/resilience/concurrency-limit.ts";
import { createGate } from "../../src/resilience/gate.ts";

function given() {
  const breaker = new CircuitBreaker({
    failureThreshold: 2,
    openMs: 1_000,
    maxProbes: 1,
    clock: () => 0,
    onTransition: () => {},
  });
  const limit = new ConcurrencyLimit({
    max: 2,
    min: 1,
    targetMs: 500,
    maxTargetMs: 2_500,
    clock: () => 0,
    onChange: () => {},
  });
  return createGate({ breaker, limit });
}

describe("the gate", () => {
  test("refuses what is too much, with a code of its own, and gives the place back", ({ expect }) => {
    const gate = given();
    const permit = gate.enter(0);
    gate.enter(0);
    expect(gate.refusal()).toBe("overloaded");
    expect(() => gate.enter(0)).toThrow("overloaded");
    gate.leave(permit, "answered", 0, 10);
    expect(gate.refusal()).toBeNull();
  });

  test("refuses everything while the breaker is open, whether there is room or not", ({ expect }) => {
    const gate = given();
    for (let calls = 0; calls < 2; calls++) gate.leave(gate.enter(0), "failed", 0, 10);
    expect(gate.refusal()).toBe("database-unavailable");
    expect(() => gate.enter(0)).toThrow("database-unavailable");
  });
});
