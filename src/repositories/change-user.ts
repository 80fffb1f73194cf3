import { and, eq, inArray, sql, type SQL } from "drizzle-orm";

import type { Database } from "../db/client.ts";
import { users } from "../db/schema.ts";
import type { ExpectedVersions, UserChange } from "../models/user.ts";

/**
 * Both statements make the change in a CTE and join its result with the row as it was before: no row means that
 * there is no such user, a row without a result that it has another version than expected.
 */

/** Changes the given fields of a user that has one of the expected versions. */
export function updateIfExpected(
  db: Database,
  id: string,
  { updatedAt, ...fields }: UserChange,
  expected: ExpectedVersions,
) {
  const changed = db.$with("changed").as(
    db
      .update(users)
      .set({ ...fields, updatedAt: notBefore(updatedAt), version: sql`${users.version} + 1` })
      .where(matches(id, expected))
      .returning(),
  );
  return db.with(changed).select().from(users).leftJoin(changed, eq(changed.id, users.id)).where(eq(users.id, id));
}

/** Removes a user that has one of the expected versions. */
export function deleteIfExpected(db: Database, id: string, expected: ExpectedVersions) {
  const removed = db.$with("removed").as(db.delete(users).where(matches(id, expected)).returning({ id: users.id }));
  return db
    .with(removed)
    .select({ removedId: removed.id })
    .from(users)
    .leftJoin(removed, eq(removed.id, users.id))
    .where(eq(users.id, id));
}

function matches(id: string, expected: ExpectedVersions): SQL | undefined {
  return and(eq(users.id, id), expected === null ? undefined : inArray(users.version, [...expected]));
}

/** Clocks of two isolates may differ; a user's time of change must not go back. */
function notBefore(time: Date): SQL {
  return sql`greatest(${users.updatedAt}, ${time.toISOString()}::timestamptz)`;
}
