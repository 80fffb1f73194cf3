/** What a request is counted by. */
export interface Counted {
  readonly method: string;
  readonly route: string;
  readonly status: string;
  readonly version_id: string;
  readonly version_tag: string;
}

export const LABELS = ["method", "route", "status", "version_id", "version_tag"] as const;

export const keyOf = (counted: Counted): string => LABELS.map((label) => counted[label]).join(" ");

/** The client's own account of all answers. */
export class Ledger {
  readonly counts = new Map<string, number>();
  /** Milliseconds until each answer was complete. */
  readonly durations: number[] = [];

  note(counted: Counted, durationMs: number): void {
    const key = keyOf(counted);
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    this.durations.push(durationMs);
  }

  get total(): number {
    return this.durations.length;
  }
}

/** One line for each count that differs, at most as many; empty when both are the same. */
export function compareCounts(
  expected: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
  most = 5,
): string[] {
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((key) => expected.get(key) !== found.get(key))
    .slice(0, most)
    .map((key) => `${key}: the client counted ${expected.get(key) ?? 0}, Prometheus has ${found.get(key) ?? 0}`);
}
