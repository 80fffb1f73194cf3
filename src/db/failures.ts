import { NeonDbError } from "@neondatabase/serverless";

import { isDeadlineError } from "../resilience/deadline.ts";
import { DatabaseError, type DatabaseFailure } from "./errors.ts";
import { classifySource, readSqlState } from "./foreign-text.ts";
import { classifyProxyRefusal } from "./proxy-refusals.ts";
import { classifySqlError } from "./sql-errors.ts";

/**
 * Tells what an error of the driver means. The shapes: an SQL error with a SQLSTATE; a refusal by Neon's proxy without
 * one; another HTTP status; a failed or aborted fetch; an answer that is not what the protocol says.
 */
export function classifyFailure(thrown: unknown): DatabaseFailure {
  const error = unwrap(thrown);
  if (isDeadlineError(error)) return TIME_IS_UP;
  if (!(error instanceof NeonDbError)) return brokenAnswer(error);
  if (error.sourceError !== undefined) return connectionFailure(error.sourceError);
  const sqlState = readSqlState(error.code);
  if (sqlState !== null) return classifySqlError(error, sqlState);
  return classifyProxyRefusal(error.message);
}

/** What the driver threw, also from within an error that quotes the statement and its parameters, as drizzle's sessions throw it. */
function unwrap(error: unknown): unknown {
  return error instanceof Error && "params" in error ? unwrap(error.cause) : error;
}

/**
 * Our own time is up. The statement is cancelled, but may have been committed before. A statement that is slow says nothing
 * about the database, and the concurrency limit learns of the time by itself; so the breaker does not count it.
 */
const TIME_IS_UP: DatabaseFailure = {
  code: "deadline-exceeded",
  effect: "unknown",
  isInfrastructure: false,
  isTransient: false,
  cause: new DatabaseError("The deadline passed while the database was working."),
};

const BROKEN = {
  code: "database-unavailable",
  effect: "unknown",
  isInfrastructure: true,
  isTransient: true,
} as const;

/** Refused or reset: workerd tells both in the same words, so the statement may have arrived. */
function connectionFailure(source: Error): DatabaseFailure {
  if (isDeadlineError(source)) return TIME_IS_UP;
  return { ...BROKEN, cause: new DatabaseError(`The database cannot be reached: ${classifySource(source)}`) };
}

/** The answer came, but broke off, is not JSON or has another shape: a proxy's page, or half of what was said. */
function brokenAnswer(error: unknown): DatabaseFailure {
  return { ...BROKEN, cause: new DatabaseError(`The database's answer cannot be read: ${classifySource(error)}`) };
}
