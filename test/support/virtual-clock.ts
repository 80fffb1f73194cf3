import type { Clock } from "../../tools/release/measure/clock.ts";

/**
 * A clock that goes on as soon as everybody sleeps: tests take no time, and what happens first does not depend on the
 * machine. It counts with whatever ends within one turn of the event loop, but with no input and output.
 */
export function createVirtualClock(): Clock {
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  let now = 0;
  let isMoving = false;

  const moveOn = (): void => {
    isMoving = false;
    const next = [...sleepers].reduce((first, other) => (other.at < first.at ? other : first), {
      at: Infinity,
      wake() {},
    });
    if (!sleepers.delete(next)) return;
    now = Math.max(now, next.at);
    next.wake();
    moveOnLater();
  };
  const moveOnLater = (): void => {
    if (isMoving) return;
    isMoving = true;
    setImmediate(moveOn);
  };

  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { at: now + ms, wake: resolve };
        if (signal.aborted) {
          resolve();
          return;
        }
        sleepers.add(sleeper);
        signal.addEventListener("abort", () => {
          sleepers.delete(sleeper);
          resolve();
        });
        moveOnLater();
      }),
  };
}
