import { describe, test } from "vitest";

import { ConcurrencyLimit, type LimitChange } from "../../src/resilience/concurrency-limit.ts";
import { simulate, type Phase } from "../support/queue-simulation.ts";

function given({ max = 1_024, clock = () => 0 }: { max?: number; clock?: () => number } = {}) {
  const changes: LimitChange[] = [];
  const limit = new ConcurrencyLimit({
    max,
    min: Math.min(16, max),
    targetMs: 500,
    maxTargetMs: 2_500,
    clock,
    onChange: (change) => changes.push(change),
  });
  return { limit, changes };
}

/** 20 statements at a time, 100 ms each: 200 a second. */
const DATABASE = { servers: 20, serviceMs: 100 };
const CAPACITY = 200;

const run = (...phases: readonly Phase[]) => simulate(given().limit, DATABASE, phases);

describe("the simulated database without a limit", () => {
  test("collapses under three times its capacity, as the control of the tests below", ({ expect }) => {
    const { limit } = given({ max: 1_000_000 });
    const [, overloaded] = simulate(limit, DATABASE, [
      { seconds: 10, offered: 3 * CAPACITY },
      { seconds: 10, offered: 3 * CAPACITY },
    ]);
    expect(overloaded?.goodput).toBeLessThan(0.75 * CAPACITY);
  });
});

describe("the limit", () => {
  test.for([1.5, 2, 3, 10])(
    "keeps the goodput at %d times the capacity, and nobody waits in vain",
    (times, { expect }) => {
      const [, steady] = run({ seconds: 10, offered: times * CAPACITY }, { seconds: 20, offered: times * CAPACITY });
      expect(steady?.goodput).toBeGreaterThan(0.9 * CAPACITY);
      expect(steady?.late).toBe(0);
    },
  );

  test("refuses nobody below the capacity", ({ expect }) => {
    for (const { refused, goodput } of run({ seconds: 20, offered: 0.9 * CAPACITY })) {
      expect(refused).toBe(0);
      expect(goodput).toBeGreaterThan(0.85 * CAPACITY);
    }
  });

  test("refuses nobody soon after the load has fallen", ({ expect }) => {
    const [, , , after] = run(
      { seconds: 10, offered: 0.5 * CAPACITY },
      { seconds: 20, offered: 3 * CAPACITY },
      { seconds: 3, offered: 0.5 * CAPACITY },
      { seconds: 5, offered: 0.5 * CAPACITY },
    );
    expect(after).toMatchObject({ refused: 0, late: 0 });
  });

  test("comes back after the database stood still for 20 s", ({ expect }) => {
    const [, standstill, , after] = run(
      { seconds: 5, offered: 150 },
      { seconds: 20, offered: 150, database: { servers: 0 } },
      { seconds: 3, offered: 150, database: DATABASE },
      { seconds: 5, offered: 150 },
    );
    expect(standstill?.goodput).toBe(0);
    expect(standstill?.limit).toBe(16);
    expect(after).toMatchObject({ refused: 0, late: 0 });
  });

  test("refuses nobody for their number alone where the database is quick", ({ expect }) => {
    const quick = { servers: 1_000, serviceMs: 200 };
    const [only] = simulate(given().limit, quick, [{ seconds: 10, offered: 4_000 }]);
    expect(only).toMatchObject({ refused: 0, limit: 1_024 });
  });

  test("keeps the goodput of a database that is slow by itself, too", ({ expect }) => {
    const slow = { servers: 20, serviceMs: 800 };
    const [, , steady] = simulate(given().limit, slow, [
      { seconds: 5, offered: 20 },
      { seconds: 20, offered: 75 },
      { seconds: 20, offered: 75 },
    ]);
    expect(steady?.goodput).toBeGreaterThan(0.9 * 25);
    expect(steady?.late).toBe(0);
  });

  test("is not moved by slow calls while few run", ({ expect }) => {
    const slow = { servers: 100, serviceMs: 2_000 };
    const [only] = simulate(given().limit, slow, [{ seconds: 30, offered: 20 }]);
    expect(only).toMatchObject({ refused: 0, limit: 1_024 });
  });

  test("never lets more calls run than it says", ({ expect }) => {
    const { limit } = given({ max: 3 });
    for (let calls = 0; calls < 3; calls++) {
      expect(limit.admits()).toBe(true);
      limit.enter(0);
    }
    expect(limit.admits()).toBe(false);
    limit.leave(true, 0, 10);
    expect(limit.admits()).toBe(true);
  });

  test("gives the places of calls back that never end, and counts none of them twice", ({ expect }) => {
    let now = 0;
    const { limit } = given({ max: 2, clock: () => now });
    limit.enter(now);
    now = 30_000;
    limit.enter(now);
    now = 59_999;
    expect(limit.admits()).toBe(false);
    // The second call may still be under way: another term.
    now = 61_000;
    expect(limit.admits()).toBe(false);
    now = 121_000;
    expect(limit.admits()).toBe(true);
    limit.enter(now);
    expect(limit.admits()).toBe(true);
    limit.enter(now);
    expect(limit.admits()).toBe(false);
    // What was taken for ended ends after all.
    limit.leave(true, 0, now);
    limit.leave(true, 30_000, now);
    expect(limit.admits()).toBe(false);
    limit.leave(true, 121_000, now);
    expect(limit.admits()).toBe(true);
  });
});

describe("shedding", () => {
  test("is told when it begins and when it has ended, with the number of refused calls", ({ expect }) => {
    const { limit, changes } = given();
    const results = simulate(limit, DATABASE, [
      { seconds: 10, offered: 3 * CAPACITY },
      { seconds: 5, offered: 0.2 * CAPACITY },
    ]);
    const refused = results.reduce((sum, phase) => sum + phase.refused, 0) > 0;
    expect(refused).toBe(true);
    expect(changes[0]).toMatchObject({ isShedding: true, refused: 1 });
    expect(changes.at(-1)?.isShedding).toBe(false);
    expect(changes.map(({ isShedding }) => isShedding)).toEqual(changes.map((_, index) => index % 2 === 0));
  });
});
