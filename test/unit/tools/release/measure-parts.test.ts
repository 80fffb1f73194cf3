import { describe, test } from "vitest";

import { createRandom } from "../../../../tools/rehearsal/load/random.ts";
import { systemClock } from "../../../../tools/release/measure/clock.ts";
import { createReservoir } from "../../../../tools/release/measure/reservoir.ts";
import { readOnly } from "../../../../tools/release/measure/send-probe.ts";
import { createThrottle } from "../../../../tools/release/measure/throttle.ts";
import { createUserSample } from "../../../../tools/release/measure/user-sample.ts";

describe("the lock of probes", () => {
  test.for(["POST", "patch", "DELETE"])("refuses a %s before it is sent", (method, { expect }) => {
    let sent = 0;
    const send = () => Promise.resolve(new Response(String(++sent)));
    expect(() => readOnly(send)("http://api.example/", { method })).toThrow(
      `but this one is a ${method.toUpperCase()}`,
    );
    expect(sent).toBe(0);
  });
});

describe("the throttle", () => {
  test("halves the rate once for refusals that belong together", ({ expect }) => {
    const throttle = createThrottle(8);
    expect([throttle.ratePerVersion(), throttle.delayMs(0)]).toEqual([8, 0]);
    throttle.refused(1_000, 5_000);
    throttle.refused(1_100, 2_000);
    expect([throttle.ratePerVersion(), throttle.delayMs(1_100), throttle.delayMs(6_000)]).toEqual([4, 4_900, 0]);
  });

  test("waits for at most a minute, and goes on with at least one request a second", ({ expect }) => {
    const throttle = createThrottle(8);
    for (let now = 0; now < 1_000_000; now += 100_000) throttle.refused(now, 3_600_000);
    expect([throttle.ratePerVersion(), throttle.delayMs(900_000)]).toEqual([1, 60_000]);
  });
});

describe("the reservoir", () => {
  test("keeps a bounded sample in which old and new values are as frequent", ({ expect }) => {
    const reservoir = createReservoir(1_000, createRandom(3));
    for (let value = 0; value < 10_000; value++) reservoir.add(value);
    const kept = reservoir.values();
    expect(kept).toHaveLength(1_000);
    const recent = kept.filter((value) => value >= 5_000).length;
    expect(recent).toBeGreaterThan(420);
    expect(recent).toBeLessThan(580);
  });

  test("keeps everything while there is room", ({ expect }) => {
    const reservoir = createReservoir(3, () => 0);
    for (const value of [3, 1, 2]) reservoir.add(value);
    expect(reservoir.values()).toEqual([3, 1, 2]);
  });
});

describe("the sample of users", () => {
  test("holds those who were seen last", ({ expect }) => {
    const users = createUserSample(() => 0);
    expect(users.pick()).toBeNull();
    const seen = Array.from({ length: 201 }, (_, place) => ({ id: `${place}`, username: `u${place}` }));
    users.add(seen);
    expect(users.pick()).toEqual(seen[1]);
    users.remove({ id: "1", username: "u1" });
    expect(users.pick()).toEqual(seen[2]);
    // Seen again, it counts as new.
    users.add(seen.slice(2, 3));
    expect(users.pick()).toEqual(seen[3]);
  });
});

describe("the clock", () => {
  test("sleeps for a while, or until the signal aborts", async ({ expect }) => {
    const before = systemClock.now();
    await systemClock.sleep(20, new AbortController().signal);
    expect(systemClock.now() - before).toBeGreaterThan(15);
    const stop = new AbortController();
    const sleeping = systemClock.sleep(3_600_000, stop.signal);
    stop.abort();
    await sleeping;
    await systemClock.sleep(3_600_000, stop.signal);
  });
});
