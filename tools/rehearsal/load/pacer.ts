import type { Random } from "./random.ts";

/**
 * When requests are due: at a steady mean rate, in random gaps, whether earlier ones were answered or not. Real
 * clients do not wait for each other, so a service that stalls must meet all that comes meanwhile.
 */
export interface Pacer {
  /** How many became due since the last call. */
  due(nowMs: number): number;
}

/** @param rate requests per second */
export function createPacer(rate: number, random: Random, startMs: number): Pacer {
  let nextMs = startMs;
  return {
    due(nowMs) {
      let count = 0;
      while (nextMs <= nowMs) {
        count += 1;
        nextMs += (-Math.log(1 - random()) * 1_000) / rate;
      }
      return count;
    },
  };
}
