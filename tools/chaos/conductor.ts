import type { Incident } from "./faults/schedule.ts";

/** Lets operations begin at a bounded rate, and incidents happen when so many have begun. */
export interface Conductor {
  /** Resolves when the next operation may begin; with false when there is none. */
  takeTurn(): Promise<boolean>;
  readonly begun: number;
  /** Resolves when all incidents that have begun are over. */
  settle(): Promise<void>;
}

export interface ConductorOptions {
  readonly operations: number;
  /** Operations per second. */
  readonly rate: number;
  readonly schedule: readonly Incident[];
  /** Incidents of one kind happen one after the other. Never rejects. */
  readonly act: (incident: Incident) => Promise<void>;
  /** Aborts when no further operation is to begin. */
  readonly signal: AbortSignal;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

export function createConductor({ operations, rate, schedule, act, signal, now, sleep }: ConductorOptions): Conductor {
  let begun = 0;
  let place = 0;
  let nextAt = now();
  const chains = new Map<Incident["kind"], Promise<void>>();
  const startIncidents = (): void => {
    for (let incident = schedule[place]; incident !== undefined && incident.at <= begun; incident = schedule[place]) {
      const due = incident;
      place += 1;
      chains.set(
        due.kind,
        (chains.get(due.kind) ?? Promise.resolve()).then(() => act(due)),
      );
    }
  };
  return {
    get begun() {
      return begun;
    },
    async takeTurn() {
      if (signal.aborted || begun >= operations) return false;
      begun += 1;
      startIncidents();
      // After a stall the rate is kept, not caught up with.
      nextAt = Math.max(nextAt + 1_000 / rate, now() - 1_000 / rate);
      const waitMs = nextAt - now();
      if (waitMs > 1) await sleep(waitMs);
      return !signal.aborted;
    },
    settle: async () => void (await Promise.all(chains.values())),
  };
}
