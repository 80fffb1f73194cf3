import { describe, test } from "vitest";

import { pause } from "../../src/resilience/deadline.ts";
import { inTime } from "../support/in-time.ts";

describe("a pause", () => {
  test("lasts as long as it says", async ({ expect }) => {
    const order: string[] = [];
    await Promise.all([
      pause(40, new AbortController().signal).then(() => order.push("pause")),
      pause(1, new AbortController().signal).then(() => order.push("shorter")),
    ]);
    expect(order).toEqual(["shorter", "pause"]);
  });

  test("ends with the signal, and at once after it", async () => {
    const deadline = new AbortController();
    const pausing = pause(600_000, deadline.signal);
    deadline.abort();
    await inTime(1_000, pausing);
    await inTime(1_000, pause(600_000, deadline.signal));
  });

  test("leaves no listener behind", async ({ expect }) => {
    const { signal } = new AbortController();
    const added: string[] = [];
    const removed: string[] = [];
    const watched = new Proxy(signal, {
      get(target, name) {
        if (name === "addEventListener")
          return (type: string, ...rest: [() => void]) => (added.push(type), target.addEventListener(type, ...rest));
        if (name === "removeEventListener")
          return (type: string, ...rest: [() => void]) => (
            removed.push(type),
            target.removeEventListener(type, ...rest)
          );
        return Reflect.get(target, name, target);
      },
    });
    await pause(1, watched);
    expect({ added, removed }).toEqual({ added: ["abort"], removed: ["abort"] });
  });
});
