export interface MachineLoad {
  /** Processes that wanted to run at a time, averaged over the last minutes. */
  readonly average: number;
  readonly processors: number;
}

/** A rehearsal alone keeps about as many processes busy as a small machine has processors. */
const BUSY_FACTOR = 2;

/** Warns when so much else ran that requests may have come late for no fault of the service; null when there was room. */
export function describeMachine({ average, processors }: MachineLoad): string | null {
  if (average <= BUSY_FACTOR * processors) return null;
  return `note: the machine was busy with ${average.toFixed(1)} processes at a time on ${processors} processors; a rehearsal needs it for itself`;
}
