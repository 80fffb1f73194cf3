import { AppError, type ErrorCode, type FieldIssue } from "../models/errors.ts";
import type { StatementKind } from "./statement.ts";

/**
 * What the log may know of a failed query. The message is always one of ours: those of PostgreSQL, of the driver and of proxies
 * quote parameters, connection strings and pages.
 */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly sqlState: string | null;
  readonly constraint: string | null;

  constructor(
    message: string,
    { sqlState = null, constraint = null }: { sqlState?: string | null; constraint?: string | null } = {},
  ) {
    super(message);
    this.sqlState = sqlState;
    this.constraint = constraint;
  }
}

/** One way in which a statement can fail, and what follows from it (docs/resilience.md has the table). */
export interface DatabaseFailure {
  /** What the request fails with, unless a change may have been made. */
  readonly code: ErrorCode;
  /** `unknown`: the statement may have run and its changes may have been committed. */
  readonly effect: "none" | "unknown";
  /** The database, or the way to it, is not working: counted by the circuit breaker. A refusal of a statement is not. */
  readonly isInfrastructure: boolean;
  /** Soon over by itself: the same statement may succeed in a moment. */
  readonly isTransient: boolean;
  readonly issues?: readonly FieldIssue[];
  /** For the log. */
  readonly cause: DatabaseError;
}

/**
 * What a request fails with because its statement did. Where a change may have been made it says so: a deadline keeps its
 * name; a repeatable change is simply to be repeated; any other has an outcome that nobody knows.
 */
export function toAppError(failure: DatabaseFailure, kind: StatementKind): AppError {
  const { code, issues = [], cause } = failure;
  const isOutcomeUnknown = failure.effect === "unknown" && kind !== "read";
  const isLost = isOutcomeUnknown && kind === "write" && code !== "deadline-exceeded";
  return new AppError(isLost ? "outcome-unknown" : code, { cause, issues, isOutcomeUnknown });
}
