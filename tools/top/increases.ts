import type { Sample } from "./exposition.ts";

/**
 * By how much each series has risen from one scrape to the next, as Prometheus's `increase` without extrapolation: a counter that
 * fell was set back, and has risen by what it is now. A series that was not there before has begun at 0 meanwhile.
 */
export function increases(before: readonly Sample[], after: readonly Sample[]): Sample[] {
  const earlier = new Map(before.map((sample) => [keyOf(sample), sample.value]));
  return after.map((sample) => {
    const from = earlier.get(keyOf(sample)) ?? 0;
    return { ...sample, value: sample.value < from ? sample.value : sample.value - from };
  });
}

function keyOf({ name, labels }: Sample): string {
  return JSON.stringify([name, Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}
