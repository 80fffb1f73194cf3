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

/** Counts that are not the same, in either direction, as Prometheus has them and as the client does. */
export interface Difference {
  /** One line for each, the first ones only. */
  readonly lines: readonly string[];
  /** Whether something was counted that never was: waiting does not mend that. */
  readonly isExcess: boolean;
}

const MAX_LINES = 5;

/** Null when both are the same. */
export function compareCounts(
  expected: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
): Difference | null {
  const pairs = [...new Set([...expected.keys(), ...found.keys()])]
    .map((key) => ({ key, sent: expected.get(key) ?? 0, counted: found.get(key) ?? 0 }))
    .filter(({ sent, counted }) => sent !== counted);
  if (pairs.length === 0) return null;
  return {
    lines: pairs
      .slice(0, MAX_LINES)
      .map(({ key, sent, counted }) => `${key}: the client counted ${sent}, Prometheus has ${counted}`),
    isExcess: pairs.some(({ sent, counted }) => counted > sent),
  };
}
