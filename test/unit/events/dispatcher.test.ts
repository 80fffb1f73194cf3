import { describe, test } from "vitest";

import type { FanOut, Lane } from "../../../events/src/models/delivery.ts";
import { createBackoff } from "../../../events/src/services/backoff.ts";
import { createDispatcher } from "../../../events/src/services/dispatcher.ts";
import { singleFlight } from "../../../events/src/services/single-flight.ts";
import { TEST_CONTEXT } from "../../support/call-context.ts";

const NOTHING: FanOut = { events: 0, deliveries: 0, isBehind: false, hasMissed: false };
const lanesOf = (count: number): Lane[] =>
  Array.from({ length: count }, (_, n) => ({ endpointId: "e", subjectId: String(n) }));

/** A dispatcher whose database answers as told, and then has nothing more. */
function given(rounds: readonly { readonly found?: Partial<FanOut>; readonly lanes?: number }[]) {
  const log: string[] = [];
  let [fanOuts, looks] = [0, 0];
  const dispatcher = createDispatcher({
    deliveries: {
      fanOut: async () => ({ ...NOTHING, ...rounds[fanOuts++]?.found }),
      queueDue: async () => lanesOf(rounds[looks++]?.lanes ?? 0),
    },
    enqueue: async (lanes) => void log.push(`enqueue ${lanes.length}`),
    leaseMs: 1_000,
    startCall: () => TEST_CONTEXT,
    sleep: async (milliseconds) => void log.push(`sleep ${milliseconds}`),
    onDispatched: ({ events, deliveries, lanes: sent }) => void log.push(`dispatched ${events} ${deliveries} ${sent}`),
    onMissed: () => void log.push("missed"),
  });
  return { dispatcher, log, rounds: () => fanOuts };
}

describe("a run of the dispatcher", () => {
  test("goes on until there is nothing left", async ({ expect }) => {
    const { dispatcher, log, rounds } = given([
      { found: { events: 500, deliveries: 900 }, lanes: 7 },
      { lanes: 100 },
      { found: { events: 3, deliveries: 3 }, lanes: 3 },
    ]);
    await dispatcher.dispatch();
    expect(rounds()).toBe(3);
    expect(log).toEqual([
      "enqueue 7",
      "dispatched 500 900 7",
      "enqueue 100",
      "dispatched 0 0 100",
      "enqueue 3",
      "dispatched 3 3 3",
    ]);
  });

  test("that finds nothing says nothing, and sends nothing", async ({ expect }) => {
    const { dispatcher, log } = given([]);
    await dispatcher.dispatch();
    expect(log).toEqual([]);
  });

  test("waits for transactions under way, but not for ever", async ({ expect }) => {
    const { dispatcher, log } = given([{ found: { isBehind: true } }, { found: { isBehind: true } }, {}]);
    await dispatcher.dispatch();
    expect(log).toEqual(["sleep 100", "sleep 100"]);
    const forever = given(Array(100).fill({ found: { isBehind: true } }));
    await forever.dispatcher.dispatch();
    expect(forever.log).toHaveLength(10);
  });

  test("ends also when there is no end", async ({ expect }) => {
    const { dispatcher, rounds } = given(Array(100).fill({ lanes: 100 }));
    await dispatcher.dispatch();
    expect(rounds()).toBe(40);
  });

  test("says when events were gone before it came", async ({ expect }) => {
    const { dispatcher, log } = given([{ found: { hasMissed: true } }]);
    await dispatcher.dispatch();
    expect(log).toEqual(["missed"]);
  });

  test("after a batch looks only for what is due", async ({ expect }) => {
    const { dispatcher, log, rounds } = given([{ lanes: 2 }]);
    await dispatcher.enqueueDue();
    expect(log).toEqual(["enqueue 2"]);
    expect(rounds()).toBe(0);
  });
});

describe("single flight", () => {
  test("does work once more for all who came meanwhile", async ({ expect }) => {
    const ends: (() => void)[] = [];
    const run = singleFlight({
      work: () => new Promise((resolve) => ends.push(resolve)),
      clock: () => 0,
      maxMs: 1_000,
    });
    const first = run();
    await Promise.all([run(), run(), run()]);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await Promise.resolve();
    await Promise.resolve();
    expect(ends).toHaveLength(2);
    ends[1]?.();
    await first;
    expect(ends).toHaveLength(2);
  });

  test("begins again after work that failed, or that the platform ended", async ({ expect }) => {
    let [now, runs] = [0, 0];
    const run = singleFlight({
      work: () => (++runs === 1 ? Promise.reject(new Error("broken")) : new Promise(() => {})),
      clock: () => now,
      maxMs: 1_000,
    });
    await expect(run()).rejects.toThrow("broken");
    void run();
    await run();
    expect(runs).toBe(2);
    now = 1_000;
    void run();
    expect(runs).toBe(3);
  });
});

describe("the back-off", () => {
  const options = { baseMs: 5_000, maxMs: 43_200_000, maxAttempts: 15 };

  test("grows from seconds to half a day, and ends after three days", ({ expect }) => {
    const backoff = createBackoff({ ...options, random: () => 0.5 });
    const delays = Array.from({ length: 15 }, (_, n) => backoff(n + 1));
    expect(delays.slice(0, 4)).toEqual([5_000, 15_000, 45_000, 135_000]);
    expect(delays.at(-2)).toBe(43_200_000);
    expect(delays.at(-1)).toBeNull();
    const totalMs = delays.reduce<number>((sum, delay) => sum + (delay ?? 0), 0);
    expect(totalMs / 86_400_000).toBeGreaterThan(2.8);
    expect(totalMs / 86_400_000).toBeLessThan(3.2);
  });

  test("is not the same for all who failed together, and never more than the queue takes", ({ expect }) => {
    expect(createBackoff({ ...options, random: () => 0 })(1)).toBe(4_000);
    expect(createBackoff({ ...options, random: () => 1 })(1)).toBe(6_000);
    expect(createBackoff({ ...options, random: () => 1 })(14)).toBe(43_200_000);
  });

  test("is never sooner than the receiver asks for, never sooner than usual, and never later than the most", ({
    expect,
  }) => {
    const least = createBackoff({ ...options, random: () => 0 });
    expect(least(1, 60_000)).toBe(60_000);
    expect(createBackoff({ ...options, random: () => 1 })(1, 60_000)).toBe(72_000);
    expect(least(3, 1_000)).toBe(least(3));
    expect(least(3, 0)).toBe(least(3));
    expect(least(1, 10 ** 13)).toBe(options.maxMs);
    expect(least(options.maxAttempts, 60_000)).toBeNull();
  });
});
