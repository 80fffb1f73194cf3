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

export function countAbove(sorted: Sorted, limit: number): number {
  return sorted.length - countWhile(sorted, (value) => value <= limit);
}

function countWhile(sorted: Sorted, holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle] ?? Number.NaN)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Evidence that values of `left` tend to be larger than those of `right`, in standard errors: Mann and Whitney's rank
 * test (Annals of Mathematical Statistics 18, 1947), which no single value can sway, however large. Ties count half;
 * the variance is not reduced for them, which errs on the side of less evidence.
 */
export function rankTest(left: Sorted, right: Sorted): number {
  const pairs = left.length * right.length;
  if (pairs === 0) return 0;
  let [less, lessOrEqual, larger] = [0, 0, 0];
  for (const value of left) {
    while (less < right.length && (right[less] ?? Infinity) < value) less++;
    while (lessOrEqual < right.length && (right[lessOrEqual] ?? Infinity) <= value) lessOrEqual++;
    larger += (less + lessOrEqual) / 2;
  }
  return (larger - pairs / 2) / Math.sqrt((pairs * (left.length + right.length + 1)) / 12);
}
