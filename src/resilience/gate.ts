import { AppError } from "../models/errors.ts";
import type { CallOutcome, CircuitBreaker, CircuitPermit } from "./circuit-breaker.ts";
import type { ConcurrencyLimit } from "./concurrency-limit.ts";

/** Why a call is not even tried. */
export type GateRefusal = "database-unavailable" | "overloaded";

/** Whether calls are let through, for whoever wants to refuse work before it begins. */
export interface Admission {
  /** Null when a call would be let through now. Takes no place. */
  refusal(): GateRefusal | null;
}

/** What every call passes on its way to the system, and again when it has ended. */
export interface Gate extends Admission {
  /** Takes the milliseconds now. @throws AppError `database-unavailable` or `overloaded` when the call may not be made */
  enter(now: number): CircuitPermit;
  /** Must be called once for each call that was let through; times in milliseconds. */
  leave(permit: CircuitPermit, outcome: CallOutcome, startedAt: number, endedAt: number): void;
}

export interface GateOptions {
  readonly breaker: CircuitBreaker;
  readonly limit: ConcurrencyLimit;
}

/** The breaker first: whether there is room does not matter while nothing works. */
export function createGate({ breaker, limit }: GateOptions): Gate {
  const refusal = (): GateRefusal | null => {
    if (!breaker.admits()) return "database-unavailable";
    return limit.admits() ? null : "overloaded";
  };
  return {
    refusal,
    enter(now) {
      const refused = refusal();
      if (refused !== null) throw new AppError(refused);
      const permit = breaker.enter();
      if (permit === null) throw new AppError("database-unavailable");
      limit.enter(now);
      return permit;
    },
    leave(permit, outcome, startedAt, endedAt) {
      limit.leave(outcome !== "undecided", startedAt, endedAt);
      breaker.settle(permit, outcome);
    },
  };
}

/** For calls that are to find out how the system is: nothing keeps them away, and they count for nothing. */
export const OPEN_GATE: Gate = {
  refusal: () => null,
  enter: () => ({ kind: "closed", failures: 0 }),
  leave: () => {},
};
