/** A bounded, fair sample of all values that were added. */
export interface Reservoir {
  add(value: number): void;
  values(): readonly number[];
}

/** Keeps each value with the same probability, however many come: Vitter's algorithm R (ACM TOMS 11, 1985). */
export function createReservoir(capacity: number, random: () => number): Reservoir {
  const kept: number[] = [];
  let seen = 0;
  return {
    add(value) {
      seen++;
      if (kept.length < capacity) {
        kept.push(value);
        return;
      }
      const place = Math.floor(random() * seen);
      if (place < capacity) kept[place] = value;
    },
    values: () => [...kept],
  };
}
