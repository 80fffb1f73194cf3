import { NeonDbError } from "@neondatabase/serverless";

import { AppError } from "../models/errors.ts";
import { isDeadlineError } from "../resilience/deadline.ts";
import { classifyRefusal, classifySource, readConstraint, readSqlState } from "./refusal-class.ts";
import { CHECK_CONSTRAINTS, UNIQUE_CONSTRAINTS } from "./schema.ts";

/** What the log may know of a failed query. Messages of SQL errors are left out: they quote parameters. */
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

/**
 * SQLSTATEs of a database that cannot serve now (PostgreSQL manual, appendix A): connection, authorization,
 * resources, operator intervention, lost races, and a schema that has not been migrated yet.
 */
const UNAVAILABLE_SQLSTATE = /^(08|28|3D|53|57P|58|40001|40P01|55P03|25006|42P01|42703|42883)/;

/**
 * Turns whatever the driver threw into an `AppError`. The shapes: an SQL error with a SQLSTATE; a refusal by
 * Neon's proxy without one; another HTTP status; a failed or aborted fetch; an answer that is not JSON.
 */
export function translateDatabaseError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const error = unwrap(thrown);
  if (isDeadlineError(error)) return deadlineExceeded();
  if (error instanceof NeonDbError) return translateNeonError(error);
  if (error instanceof SyntaxError)
    return unavailable(new DatabaseError("The database answered with something other than JSON."));
  // workerd's error when the other side goes away in the middle of an answer; the driver passes it on as it is.
  if (error instanceof Error && error.message.startsWith("Network connection lost")) {
    return unavailable(new DatabaseError("The database's answer broke off."));
  }
  return new AppError("internal-error", { cause: error });
}

/** What the driver threw, also from within an error that quotes the statement and its parameters, as drizzle's sessions throw it. */
function unwrap(error: unknown): unknown {
  return error instanceof Error && "params" in error ? unwrap(error.cause) : error;
}

function translateNeonError(error: NeonDbError): AppError {
  if (error.sourceError !== undefined) {
    if (isDeadlineError(error.sourceError)) return deadlineExceeded();
    return unavailable(new DatabaseError(`The database cannot be reached: ${classifySource(error.sourceError)}`));
  }
  const sqlState = readSqlState(error.code);
  if (sqlState !== null) return translateSqlError(error, sqlState);
  return translateProxyRefusal(error.message);
}

function translateSqlError(error: NeonDbError, sqlState: string): AppError {
  const constraint = readConstraint(error.constraint);
  const cause = new DatabaseError(`SQLSTATE ${sqlState}`, { sqlState, constraint });
  const conflictCode = sqlState === "23505" && constraint !== null ? UNIQUE_CONSTRAINTS[constraint] : undefined;
  if (conflictCode !== undefined) return new AppError(conflictCode, { cause });
  const field = sqlState === "23514" && constraint !== null ? CHECK_CONSTRAINTS[constraint] : undefined;
  if (field !== undefined) {
    const issue = { field, code: "invalid_format", detail: "The database refuses this value." } as const;
    return new AppError("validation-failed", { cause, issues: [issue] });
  }
  if (sqlState === "57014") return new AppError("deadline-exceeded", { cause });
  if (UNAVAILABLE_SQLSTATE.test(sqlState)) return unavailable(cause);
  return new AppError("internal-error", { cause });
}

/** Errors of the proxy carry no SQLSTATE; 413 and 507 mean that our own statement is too large. */
function translateProxyRefusal(message: string): AppError {
  const cause = new DatabaseError(`The database's proxy refuses: ${classifyRefusal(message)}`);
  const isTooLarge = /^Server error \(HTTP status (413|507)\)/.test(message);
  return isTooLarge ? new AppError("internal-error", { cause }) : unavailable(cause);
}

function unavailable(cause: DatabaseError): AppError {
  return new AppError("database-unavailable", { cause });
}

function deadlineExceeded(): AppError {
  return new AppError("deadline-exceeded", {
    cause: new DatabaseError("The deadline passed while the database was working."),
  });
}
