import { sql } from "drizzle-orm";

import type { TextRow } from "../db/client.ts";
import { UNIQUE_CONSTRAINTS, users } from "../db/schema.ts";
import { prepareStatement } from "../db/statement.ts";
import { AppError } from "../models/errors.ts";
import type { User } from "../models/user.ts";

/** In the order of the function's parameters. */
const COLUMNS = ["id", "username", "email", "fullName", "createdAt", "updatedAt", "version"] as const;

/**
 * A plain INSERT would fail with a unique violation, for which Neon's proxy drops the database connection. The function
 * conflicts quietly, and names the constraint in the same round trip (migration 0011).
 */
export const insertUser = prepareStatement<Record<keyof User, unknown>>("users.insert", "write", (value) => {
  const values = COLUMNS.map((column) => sql.param(value(column), users[column]));
  return sql`select insert_user(${sql.join(values, sql`, `)})`;
});

/**
 * The user, if the function has inserted it.
 * @throws AppError `username-taken` or `email-taken`, or `database-unavailable` when whoever was in the way is gone, so that
 * the same request will succeed when it is repeated
 */
export function requireInserted(user: User, [row]: readonly TextRow[]): User {
  const [constraint = ""] = row ?? [];
  if (constraint === null) return user;
  throw new AppError(UNIQUE_CONSTRAINTS[constraint] ?? "database-unavailable");
}
