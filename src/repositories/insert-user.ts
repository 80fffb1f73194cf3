import { sql, type SQL } from "drizzle-orm";

import type { Database } from "../db/client.ts";
import { users } from "../db/schema.ts";
import type { ErrorCode } from "../models/errors.ts";
import type { User } from "../models/user.ts";

/** The row that was inserted, or those that already hold the username or the email address. */
export type Holder = { readonly username: string; readonly email: string; readonly is_new: boolean };

/**
 * A plain INSERT would fail with a unique violation, for which Neon's proxy drops the database connection. This
 * one conflicts quietly and asks for the holders in the same statement; they do not depend on its snapshot.
 */
export function insertOrFindHolders(db: Database, user: User): SQL {
  const insert = db
    .insert(users)
    .values(user)
    .onConflictDoNothing()
    .returning({ username: users.username, email: users.email });
  return sql`
    with inserted as ${insert}
    select username, email, true as is_new from inserted
    union all
    select username, email, false from users_holding(${user.username}, ${user.email})
    where not exists (select from inserted)`;
}

/** Why the row was not inserted. */
export function refusalOf(holders: readonly Holder[], { username, email }: User): ErrorCode {
  if (holders.some((holder) => holder.username === username)) return "username-taken";
  if (holders.some((holder) => holder.email === email)) return "email-taken";
  // The holder was deleted in between; the same request will succeed when it is repeated.
  return "database-unavailable";
}
