import { test } from "vitest";

import { createEventNudger, NUDGE_AFTER_MS } from "../../src/services/event-nudger.ts";

/** A nudger over a clock that goes on when told. */
function given(nudge: () => Promise<unknown> = async () => undefined) {
  let now = 1_000_000;
  let waiting: { readonly at: number; readonly resolve: () => void }[] = [];
  let nudges = 0;
  const failures: unknown[] = [];
  const work: Promise<unknown>[] = [];
  const nudger = createEventNudger({
    service: {
      nudge() {
        nudges += 1;
        return nudge();
      },
    },
    clock: () => now,
    sleep: (milliseconds) => new Promise((resolve) => waiting.push({ at: now + milliseconds, resolve })),
    onFailure: (error) => failures.push(error),
  });
  return {
    failures,
    work,
    nudges: () => nudges,
    change: (times = 1) => {
      for (let n = 0; n < times; n++) nudger.schedule({ waitUntil: (promise) => work.push(promise) });
    },
    /** Time goes by, without those who waited when `isEnded`. */
    async pass(milliseconds: number, isEnded = false) {
      now += milliseconds;
      const due = waiting.filter(({ at }) => at <= now);
      waiting = waiting.filter(({ at }) => at > now);
      if (!isEnded) for (const { resolve } of due) resolve();
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    },
  };
}

test("changes at the same time share one nudge, which comes after them", async ({ expect }) => {
  const { change, pass, nudges, work } = given();
  change(50);
  expect(work).toHaveLength(1);
  await pass(NUDGE_AFTER_MS - 1);
  expect(nudges()).toBe(0);
  change();
  await pass(1);
  expect(nudges()).toBe(1);
  await pass(60_000);
  expect(nudges()).toBe(1);
});

test("a change after a nudge has begun gets one of its own", async ({ expect }) => {
  const { change, pass, nudges } = given(() => new Promise(() => {}));
  change();
  await pass(NUDGE_AFTER_MS);
  change();
  await pass(NUDGE_AFTER_MS);
  expect(nudges()).toBe(2);
});

test("a service that fails or never answers harms nobody, and is told of once", async ({ expect }) => {
  const failing = given(() => Promise.reject(new Error("down")));
  failing.change();
  await failing.pass(NUDGE_AFTER_MS);
  await expect(Promise.all(failing.work)).resolves.toBeDefined();
  expect(failing.failures).toHaveLength(1);
  const hanging = given(() => new Promise(() => {}));
  hanging.change();
  await hanging.pass(NUDGE_AFTER_MS);
  await hanging.pass(5_000);
  await expect(Promise.all(hanging.work)).resolves.toBeDefined();
});

test("when the platform ends whoever was about to nudge, a later change does", async ({ expect }) => {
  const { change, pass, nudges } = given();
  change();
  await pass(1_999, true);
  change();
  await pass(NUDGE_AFTER_MS);
  expect(nudges()).toBe(0);
  change();
  await pass(NUDGE_AFTER_MS);
  expect(nudges()).toBe(1);
});
