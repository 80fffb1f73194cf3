/**
 * What a check says of a promise. It is inconclusive when the machine had no room to see whether it was held; what
 * cannot be the machine's doing, such as a lost write, is broken whatever the room.
 */
export type Outcome = "held" | "broken" | "inconclusive";

/** Something that a rehearsal has to show. */
export interface Check {
  readonly name: string;
  readonly outcome: Outcome;
  /** What was seen, in a line. */
  readonly detail: string;
}

/** @param isExcused the machine had no room, which explains it when it was not held */
export function outcomeOf(isHeld: boolean, isExcused: boolean): Outcome {
  if (isHeld) return "held";
  return isExcused ? "inconclusive" : "broken";
}

/** As many temporary failures are told apart from broken ones (EX_TEMPFAIL of sysexits.h). */
const EXIT_INCONCLUSIVE = 75;

/** 0 when all promises were held, 1 when one was broken, 75 when that could not be seen. */
export function exitCodeOf(checks: readonly Check[]): number {
  if (checks.some(({ outcome }) => outcome === "broken")) return 1;
  return checks.some(({ outcome }) => outcome === "inconclusive") ? EXIT_INCONCLUSIVE : 0;
}
