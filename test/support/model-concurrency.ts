/** Runs the work `count` times at once. */
export async function atOnce<Result>(count: number, work: (i: number) => Promise<Result>): Promise<Result[]> {
  return await Promise.all(Array.from({ length: count }, async (_, i) => await work(i)));
}

/** How often each outcome occurred. */
export function tally(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/** A number as letters, for names that hold no digits. */
export function letters(n: number): string {
  return String(n).replaceAll(/\d/g, (digit) => "abcdefghij".charAt(Number(digit)));
}
