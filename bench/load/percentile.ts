/** The value below which a share of the sorted values lies, from 0 to 1; 0 without values. */
export function percentileOf(sorted: ArrayLike<number>, share: number): number {
  const place = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return sorted[place] ?? 0;
}
