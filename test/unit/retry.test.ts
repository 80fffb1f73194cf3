import { describe, test } from "vitest";

import { RetryPolicy } from "../../src/resilience/retry.ts";

const OPTIONS = { maxAttempts: 4, baseDelayMs: 50, maxDelayMs: 120, budget: 3, earnedPerAnswer: 0.25 };

describe("a retry", () => {
  test("waits up to twice as long each time, up to a bound", ({ expect }) => {
    const policy = new RetryPolicy({ ...OPTIONS, random: () => 1 });
    expect([1, 2, 3].map((attempts) => policy.nextDelayMs(attempts))).toEqual([50, 100, 120]);
  });

  test("waits for a time that chance draws, down to none", ({ expect }) => {
    const draws = [0.5, 0];
    const policy = new RetryPolicy({ ...OPTIONS, random: () => draws.shift() ?? 1 });
    expect([policy.nextDelayMs(1), policy.nextDelayMs(1)]).toEqual([25, 0]);
  });

  test("is not made beyond the attempts", ({ expect }) => {
    const policy = new RetryPolicy({ ...OPTIONS, random: () => 1 });
    expect(policy.nextDelayMs(4)).toBeNull();
    expect(policy.nextDelayMs(3)).not.toBeNull();
  });
});

describe("the budget of retries", () => {
  const spent = () => {
    const policy = new RetryPolicy({ ...OPTIONS, random: () => 1 });
    for (let retries = 0; retries < OPTIONS.budget; retries++) policy.nextDelayMs(1);
    return policy;
  };

  test("ends, however many calls ask", ({ expect }) => {
    const policy = new RetryPolicy({ ...OPTIONS, random: () => 1 });
    const delays = Array.from({ length: 10 }, () => policy.nextDelayMs(1));
    expect(delays.filter((delay) => delay !== null)).toHaveLength(OPTIONS.budget);
  });

  test("is earned again by answers", ({ expect }) => {
    const policy = spent();
    for (let answers = 0; answers < 3; answers++) policy.earn();
    expect(policy.nextDelayMs(1)).toBeNull();
    policy.earn();
    expect(policy.nextDelayMs(1)).not.toBeNull();
    expect(policy.nextDelayMs(1)).toBeNull();
  });

  test("does not grow beyond its size", ({ expect }) => {
    const policy = spent();
    for (let answers = 0; answers < 1_000; answers++) policy.earn();
    const delays = Array.from({ length: 10 }, () => policy.nextDelayMs(1));
    expect(delays.filter((delay) => delay !== null)).toHaveLength(OPTIONS.budget);
  });
});
