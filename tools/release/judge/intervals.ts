/** So many of so many. */
export interface Share {
  readonly count: number;
  readonly of: number;
}

/** @returns 0 when there is nothing to take a share of */
export const rateOf = ({ count, of }: Share): number => (of === 0 ? 0 : count / of);

/**
 * Wilson's score interval for the rate behind an observed share (E. B. Wilson, JASA 22, 1927). Unlike the textbook's
 * normal interval it holds for few requests and for rates near 0.
 * @param z width, in standard errors
 */
export function wilsonInterval({ count, of }: Share, z: number): { readonly lower: number; readonly upper: number } {
  if (of === 0) return { lower: 0, upper: 1 };
  const rate = count / of;
  const weight = z ** 2 / of;
  const center = (rate + weight / 2) / (1 + weight);
  const halfWidth = (Math.sqrt((rate * (1 - rate)) / of + weight / (4 * of)) * z) / (1 + weight);
  return { lower: Math.max(0, center - halfWidth), upper: Math.min(1, center + halfWidth) };
}

/**
 * The least by which the rate behind `share` exceeds the one behind `reference`, as far as the evidence goes: lower end
 * of Newcombe's hybrid score interval (R. G. Newcombe, Statistics in Medicine 17, 1998, method 10).
 * @param z evidence, in standard errors
 */
export function leastIncrease(share: Share, reference: Share, z: number): number {
  const [rate, referenceRate] = [rateOf(share), rateOf(reference)];
  const below = rate - wilsonInterval(share, z).lower;
  const above = wilsonInterval(reference, z).upper - referenceRate;
  return rate - referenceRate - Math.hypot(below, above);
}
