import { sql } from "drizzle-orm";

import type { TextRow } from "../db/client.ts";
import { users } from "../db/schema.ts";
import { builder, prepareStatement } from "../db/statement.ts";
import type { ErrorCode } from "../models/errors.ts";
import type { User } from "../models/user.ts";

/** The row that was inserted, or those that already hold the username or the email address. */
export interface Holder {
  readonly username: string | null;
  readonly email: string | null;
  readonly isNew: boolean;
}

/**
 * A plain INSERT would fail with a unique violation, for which Neon's proxy drops the database connection. This
 * one conflicts quietly and asks for the holders in the same statement; they do not depend on its snapshot.
 */
export const insertOrFindHolders = prepareStatement<Record<keyof User, unknown>>("users.insert", (value) => {
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

export function toHolder([username = null, email = null, isNew]: TextRow): Holder {
  return { username, email, isNew: isNew === "t" };
}

/** Why the row was not inserted. */
export function refusalOf(holders: readonly Holder[], { username, email }: User): ErrorCode {
  if (holders.some((holder) => holder.username === username)) return "username-taken";
  if (holders.some((holder) => holder.email === email)) return "email-taken";
  // The holder was deleted in between; the same request will succeed when it is repeated.
  return "database-unavailable";
}
