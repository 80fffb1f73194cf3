import type { Reservoir } from "./reservoir.ts";

/** A bounded, fair sample of values, those of the first places before all others. */
export interface FirstValues {
  /** @param place from 0, in the order in which they were asked for, which need not be the one in which they come */
  add(place: number, value: number): void;
  values(): readonly number[];
}

/** @param count so many places come first, in their order; all others' values go to `rest` */
export function createFirstValues(count: number, rest: Reservoir): FirstValues {
  const first = new Map<number, number>();
  return {
    add(place, value) {
      if (place < count) first.set(place, value);
      else rest.add(value);
    },
    values: () => [
      ...[...first].toSorted(([left], [right]) => left - right).map(([, value]) => value),
      ...rest.values(),
    ],
  };
}
