/** Values in ascending order. */
export type Sorted = Float64Array;

export const sort = (values: readonly number[]): Sorted => Float64Array.from(values).sort();

/**
 * @param share 0.5 for the median
 * @returns interpolated between neighbours; NaN without values
 */
export function quantile(sorted: Sorted, share: number): number {
  const position = (sorted.length - 1) * share;
  const lower = sorted[Math.floor(position)];
  const upper = sorted[Math.ceil(position)];
  if (lower === undefined || upper === undefined) return Number.NaN;
  return lower + (upper - lower) * (position - Math.floor(position));
}

/** Probability of so many events, where so many are expected and each comes by itself (Poisson). */
export function exactly(count: number, expected: number): number {
  let probability = Math.exp(-expected);
  for (let event = 1; event <= count; event++) probability *= expected / event;
  return probability;
}

/** Probability of so many events or more. */
export function atLeast(count: number, expected: number): number {
  let [rest, probability] = [1, Math.exp(-expected)];
  for (let fewer = 0; fewer < count; fewer++) {
    rest -= probability;
    probability *= expected / (fewer + 1);
  }
  return rest;
}
