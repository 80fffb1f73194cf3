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
