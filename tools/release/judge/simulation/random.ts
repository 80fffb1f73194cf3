/** Gives 0 to 1, without 1. */
export type Random = () => number;

/** A sequence that is the same for the same seed (splitmix32). */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e_37_79_b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21_f0_aa_ad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x73_5a_2d_97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** Around 0, with a standard deviation of 1 (Box and Muller). */
export const drawNormal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Time until the next of events that come by chance, so often on average. */
export const drawWait = (random: Random, meanWait: number): number => -Math.log(1 - random()) * meanWait;

export const drawBetween = (random: Random, [least, most]: readonly [number, number]): number =>
  least + (most - least) * random();
