import { sql } from "drizzle-orm";

import type { TextRow } from "../db/client.ts";
import { users } from "../db/schema.ts";
import { builder, prepareStatement } from "../db/statement.ts";
import { AppError, type ErrorCode } from "../models/errors.ts";
import type { User } from "../models/user.ts";

/**
 * A plain INSERT would fail with a unique violation, for which Neon's proxy drops the database connection. This
 * one conflicts quietly and asks for the users in conflict in the same statement; they do not depend on its snapshot.
 */
export const insertOrFindConflicts = prepareStatement<Record<keyof User, unknown>>("users.insert", "write", (value) => {
  const insert = builder
    .insert(users)
    .values({
      id: value("id"),
      username: value("username"),
      email: value("email"),
      fullName: value("fullName"),
      createdAt: value("createdAt"),
      updatedAt: value("updatedAt"),
      version: value("version"),
    })
    .onConflictDoNothing()
    .returning({ username: users.username, email: users.email });
  return sql`with inserted as ${insert} select username, email, true as is_new from inserted union all select username, email, false from users_holding(${value("username")}, ${value("email")}) where not exists (select from inserted)`;
});

/**
 * The user, whose row is among those that were read; without it they are of users in conflict.
 * @throws AppError `username-taken` or `email-taken`
 */
export function requireInserted(user: User, rows: readonly TextRow[]): User {
  if (rows.some(([, , isNew]) => isNew === "t")) return user;
  throw new AppError(conflictCode(user, rows));
}

/** Which unique constraint the user would violate. */
function conflictCode({ username, email }: User, conflicts: readonly TextRow[]): ErrorCode {
  if (conflicts.some(([taken]) => taken === username)) return "username-taken";
  if (conflicts.some(([, taken]) => taken === email)) return "email-taken";
  // The other user was deleted in between; the same request will succeed when it is repeated.
  return "database-unavailable";
}
