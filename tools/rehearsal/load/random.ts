/** Gives 0 to 1, without 1. */
export type Random = () => number;

/** A sequence that is the same for the same seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of the items, each as likely as its weight says. Throws when there is nothing to choose from. */
export function pickWeighted<Item extends { readonly weight: number }>(random: Random, items: readonly Item[]): Item {
  let point = random() * items.reduce((sum, { weight }) => sum + weight, 0);
  for (const item of items) {
    point -= item.weight;
    if (point < 0) return item;
  }
  throw new Error("there is nothing to choose from");
}

/** A whole number from 0 to `count - 1`. */
export function pickIndex(random: Random, count: number): number {
  return Math.floor(random() * count);
}
