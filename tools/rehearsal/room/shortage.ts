import type { RoomSample } from "./sample.ts";

/** A time in which the machine had no room for what it was asked to do: milliseconds since 1970. */
export interface Shortage {
  readonly from: number;
  readonly to: number;
}

/** A Worker that does nothing answers within a few milliseconds; a quarter of a second is the machine's, not its own. */
export const SHORT_CONTROL_MS = 250;
/** A thread that sleeps for 5 ms at a time and comes to run only after so long has no processor. */
export const SHORT_LAG_MS = 250;
/**
 * A runtime that waits for a processor for more of the time than this falls behind: the requests that come meanwhile take what
 * processor it gets, and none is answered. On a quiet machine it waits for a third of the time under the full load of a rehearsal.
 */
export const STARVED_SHARE = 0.6;
/** Builds, and starts of versions, leave no room for a tenth of a release, on any machine with two processors. */
const DISTURBED_SHARE = 0.15;
/** Queues that a shortage has filled take a while to empty after it. */
const AFTERMATH_MS = 2_000;

/** The times in which control requests, the generator itself or a version's runtime had to wait, with their aftermath; joined where they overlap. */
export function findShortages(samples: readonly RoomSample[]): Shortage[] {
  const found = samples.flatMap(({ at, lagMs, starvedShare, controls }, place) => [
    ...(starvedShare > STARVED_SHARE ? [{ from: samples[place - 1]?.at ?? at, to: at + AFTERMATH_MS }] : []),
    ...(lagMs > SHORT_LAG_MS ? [{ from: at - lagMs, to: at + AFTERMATH_MS }] : []),
    ...controls
      .filter(({ ms, isAnswered }) => !isAnswered || ms > SHORT_CONTROL_MS)
      .map((control) => ({ from: control.at, to: control.at + control.ms + AFTERMATH_MS })),
  ]);
  return join(found.toSorted((a, b) => a.from - b.from));
}

/** Milliseconds of the time between the two that were short of room. */
export function shortMs(shortages: readonly Shortage[], from: number, to: number): number {
  return shortages.reduce((sum, short) => sum + Math.max(0, Math.min(to, short.to) - Math.max(from, short.from)), 0);
}

/** Whether so much of the time between the two was short of room that what was seen then proves little. */
export function isDisturbed(shortages: readonly Shortage[], from: number, to: number): boolean {
  return to > from && shortMs(shortages, from, to) >= DISTURBED_SHARE * (to - from);
}

function join(ordered: readonly Shortage[]): Shortage[] {
  const joined: Shortage[] = [];
  for (const short of ordered) {
    const last = joined.at(-1);
    if (last !== undefined && short.from <= last.to)
      joined[joined.length - 1] = { ...last, to: Math.max(last.to, short.to) };
    else joined.push(short);
  }
  return joined;
}
