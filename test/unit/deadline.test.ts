import { describe, test, vi } from "vitest";

import { isDeadlineError, startDeadline } from "../../src/resilience/deadline.ts";
import { inTime } from "../support/in-time.ts";
import { refusalOf } from "../support/refusals.ts";

const never = () => new Promise<never>(() => {});

/** A deadline that has passed. */
const passed = () => startDeadline(0);

/** The reason with which a signal aborts. */
const reasonOf = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    signal.addEventListener("abort", () => resolve(signal.reason), { once: true });
  });

const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("a deadline", () => {
  test("aborts with a TimeoutError when its time has passed, not before", async ({ expect }) => {
    const startedAt = performance.now();
    const { signal } = startDeadline(40);
    expect(signal.aborted).toBe(false);
    expect(await reasonOf(signal)).toMatchObject({ name: "TimeoutError" });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(35);
  });

  test("of two, the inner one ends the work when it is the shorter, and leaves the outer alone", async ({ expect }) => {
    const outer = startDeadline(60_000);
    expect(await reasonOf(outer.within(5).signal)).toMatchObject({ name: "TimeoutError" });
    expect(outer.signal.aborted).toBe(false);
  });

  test("of two, the outer one ends the work when it is the shorter", async ({ expect }) => {
    const inner = startDeadline(5).within(60_000);
    expect(await reasonOf(inner.signal)).toMatchObject({ name: "TimeoutError" });
  });

  test("inside one that has passed has passed from the start, with the same reason", ({ expect }) => {
    const { signal } = passed().within(60_000);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toMatchObject({ name: "TimeoutError" });
  });

  test("has one signal, whose time began with the deadline's", async ({ expect }) => {
    const deadline = startDeadline(20);
    await inTime(2_000, refusalOf(deadline.race(never())));
    expect(deadline.signal.aborted).toBe(true);
    expect(deadline.signal).toBe(deadline.signal);
  });
});

describe("work in a race with a deadline", () => {
  test("that is in time gives its result", async ({ expect }) => {
    expect(await startDeadline(60_000).race(Promise.resolve("done"))).toBe("done");
  });

  test("that fails in time fails with its own error", async ({ expect }) => {
    const failure = new Error("broken");
    await expect(startDeadline(60_000).race(Promise.reject(failure))).rejects.toBe(failure);
  });

  test("that is late fails with deadline-exceeded as soon as the time is up", async ({ expect }) => {
    const refusal = await inTime(2_000, refusalOf(startDeadline(20).race(never())));
    expect(refusal).toMatchObject({ code: "deadline-exceeded", cause: { name: "TimeoutError" } });
  });

  test("that starts too late is refused at once, and the reason is kept for the log", async ({ expect }) => {
    const refusal = await refusalOf(passed().race(never()));
    expect(refusal).toMatchObject({ code: "deadline-exceeded", cause: { name: "TimeoutError" } });
  });

  test("that fails after it was refused is still handled: no rejection goes astray", async ({ expect }) => {
    const work = nextTurn().then(() => Promise.reject(new Error("the stream broke")));
    const subscribe = vi.spyOn(work, "then");
    expect((await refusalOf(passed().race(work))).code).toBe("deadline-exceeded");
    const wasHandled = subscribe.mock.calls.length > 0;
    await work.catch(() => {});
    expect(wasHandled).toBe(true);
  });

  test("leaves no timer behind, however it ends", async ({ expect }) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    try {
      const deadline = startDeadline(1_000);
      const races = [
        deadline.race(Promise.resolve("done")),
        deadline.race(Promise.reject(new Error("broken"))),
        deadline.race(never()),
      ];
      const settled = Promise.allSettled(races);
      expect(vi.getTimerCount()).toBe(3);
      await vi.advanceTimersByTimeAsync(999);
      expect(vi.getTimerCount()).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      expect((await settled).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test("is not disturbed by a deadline that passes afterwards", async ({ expect }) => {
    const deadline = startDeadline(20);
    const result = await deadline.race(Promise.resolve("done"));
    await reasonOf(deadline.signal);
    await nextTurn();
    expect(result).toBe("done");
  });
});

describe("an error", () => {
  test.for<[string, unknown]>([
    ["a DOMException TimeoutError", new DOMException("x", "TimeoutError")],
    ["a DOMException AbortError", new DOMException("x", "AbortError")],
    ["an Error named TimeoutError", Object.assign(new Error("x"), { name: "TimeoutError" })],
  ])("that is %s comes from a deadline", ([, error], { expect }) => {
    expect(isDeadlineError(error)).toBe(true);
  });

  test.for<[string, unknown]>([
    ["another DOMException", new DOMException("x", "NetworkError")],
    ["an Error whose message is TimeoutError", new Error("TimeoutError")],
    ["an object with the name of one", { name: "TimeoutError" }],
    ["a text", "TimeoutError"],
    ["nothing", undefined],
  ])("that is %s does not come from a deadline", ([, error], { expect }) => {
    expect(isDeadlineError(error)).toBe(false);
  });
});
