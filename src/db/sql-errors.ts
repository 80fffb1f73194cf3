import type { NeonDbError } from "@neondatabase/serverless";

import type { FieldIssue } from "../models/errors.ts";
import { DatabaseError, type DatabaseFailure } from "./errors.ts";
import { readConstraint } from "./foreign-text.ts";
import { CHECK_CONSTRAINTS, UNIQUE_CONSTRAINTS } from "./schema.ts";

type Consequences = Omit<DatabaseFailure, "cause">;

/** PostgreSQL undoes a statement that fails: nothing has happened, whatever the reason. */
const OURS: Consequences = { code: "internal-error", effect: "none", isInfrastructure: false, isTransient: false };
const UNAVAILABLE: Consequences = { ...OURS, code: "database-unavailable" };

/**
 * SQLSTATEs of a database that cannot serve now (PostgreSQL manual, appendix A), the first match counts. Whatever is not
 * here is a statement that should never have been sent.
 */
const BY_SQLSTATE: readonly (readonly [pattern: RegExp, Consequences])[] = [
  // The connection was not taken up, the role may not log in, the database is not there.
  [/^(08001|08004|28|3D)/, { ...UNAVAILABLE, isInfrastructure: true }],
  // The connection broke, or the session was ended: perhaps between the commit and the answer.
  [/^(08|40003|57P0[1245])/, { ...UNAVAILABLE, effect: "unknown", isInfrastructure: true, isTransient: true }],
  // Too many connections, out of memory or disk; starting up or shutting down; a failed read of a file.
  [/^(53|57P03|58)/, { ...UNAVAILABLE, isInfrastructure: true, isTransient: true }],
  // Lost races: a serialization failure, a deadlock, a lock that was not free.
  [/^(40001|40P01|55P03)/, { ...UNAVAILABLE, isTransient: true }],
  // A standby, a schema that is not migrated yet, a corrupted index: others may still be served.
  [/^(25006|42P01|42703|42883|XX)/, UNAVAILABLE],
  // The role's statement_timeout, which lies above our own deadline.
  [/^57014/, { ...OURS, code: "deadline-exceeded" }],
];

/** What an error of PostgreSQL means. Its texts quote parameters and go no further. */
export function classifySqlError(error: NeonDbError, sqlState: string): DatabaseFailure {
  const constraint = readConstraint(error.constraint);
  const cause = new DatabaseError(`SQLSTATE ${sqlState}`, { sqlState, constraint });
  return { ...(byConstraint(sqlState, constraint) ?? bySqlState(sqlState)), cause };
}

function bySqlState(sqlState: string): Consequences {
  return BY_SQLSTATE.find(([pattern]) => pattern.test(sqlState))?.[1] ?? OURS;
}

/** What a rule of ours refused; the name of a constraint decides only together with its SQLSTATE. */
function byConstraint(sqlState: string, constraint: string | null): Consequences | null {
  const conflict = sqlState === "23505" && constraint !== null ? UNIQUE_CONSTRAINTS[constraint] : undefined;
  if (conflict !== undefined) return { ...OURS, code: conflict };
  const field = sqlState === "23514" && constraint !== null ? CHECK_CONSTRAINTS[constraint] : undefined;
  if (field === undefined) return null;
  const issue: FieldIssue = { field, code: "invalid_format", detail: "The database refuses this value." };
  return { ...OURS, code: "validation-failed", issues: [issue] };
}
