import type { ConcurrencyLimit } from "../../src/resilience/concurrency-limit.ts";

/** A database that works on `servers` statements at a time, each for `serviceMs`, and lets the others wait in line. */
export interface SimulatedDatabase {
  servers: number;
  serviceMs: number;
}

export interface Phase {
  readonly seconds: number;
  /** Requests a second, evenly spread, whatever becomes of them. */
  readonly offered: number;
  /** What changes with the phase. */
  readonly database?: Partial<SimulatedDatabase>;
}

export interface PhaseResult {
  /** Calls a second that were answered by the deadline, refused at once, and still without an answer at the deadline. */
  readonly goodput: number;
  readonly refused: number;
  readonly late: number;
  /** The limit at the end of the phase. */
  readonly limit: number;
}

interface Call {
  readonly startedAt: number;
  /** Milliseconds of work that are left. */
  left: number;
}

const DEADLINE_MS = 5_000;
/** Milliseconds; service times are longer. */
const STEP_MS = 1;

/** Runs phases one after the other against one limit, in simulated time. */
export function simulate(limit: ConcurrencyLimit, first: SimulatedDatabase, phases: readonly Phase[]): PhaseResult[] {
  const database = { ...first };
  let now = 0;
  let line: Call[] = [];
  return phases.map(({ seconds, offered, database: change }) => {
    Object.assign(database, change);
    const count = { good: 0, refused: 0, late: 0 };
    let due = 0;
    for (const end = now + seconds * 1_000; now < end; now += STEP_MS) {
      for (due += (offered * STEP_MS) / 1_000; due >= 1; due -= 1) {
        if (limit.admits()) {
          limit.enter(now);
          line.push({ startedAt: now, left: database.serviceMs });
        } else count.refused += 1;
      }
      for (const call of line.slice(0, database.servers)) call.left -= STEP_MS;
      const isLate = ({ startedAt }: Call) => now - startedAt >= DEADLINE_MS;
      const ended = line.filter((call) => call.left <= 0 || isLate(call));
      line = line.filter((call) => !ended.includes(call));
      for (const call of ended) {
        limit.leave(call.left <= 0, call.startedAt, now);
        if (call.left <= 0) count.good += 1;
        else count.late += 1;
      }
    }
    const perSecond = (calls: number): number => calls / seconds;
    return {
      goodput: perSecond(count.good),
      refused: perSecond(count.refused),
      late: perSecond(count.late),
      limit: limit.limit,
    };
  });
}
