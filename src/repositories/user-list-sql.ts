import { and, asc, desc, eq, gt, gte, lt, sql, type SQL } from "drizzle-orm";

import { users } from "../db/schema.ts";
import type { PagePosition } from "../models/page.ts";
import type { UserFilter, UserQuery, UserSort } from "../models/user-list.ts";

/** Everything that a row of the page must meet. */
export function conditionsOf({ sort, filter, after }: UserQuery): SQL | undefined {
  return and(...filterConditions(filter), after === null ? undefined : isBehind(after, sort));
}

/** The order, with the id as the last word where keys may be equal; usernames are unique. */
export function orderOf(sort: UserSort): SQL[] {
  switch (sort) {
    case "created_at":
      return [asc(users.createdAt), asc(users.id)];
    case "-created_at":
      return [desc(users.createdAt), desc(users.id)];
    case "username":
      return [asc(users.username)];
    case "-username":
      return [desc(users.username)];
  }
}

function filterConditions({ usernamePrefix, email, createdAfter, createdBefore }: UserFilter): (SQL | undefined)[] {
  return [
    ...(usernamePrefix === null
      ? []
      : [gte(users.username, usernamePrefix), lt(users.username, endOfPrefix(usernamePrefix))]),
    email === null ? undefined : eq(users.email, email),
    createdAfter === null ? undefined : gt(users.createdAt, createdAfter),
    createdBefore === null ? undefined : lt(users.createdAt, createdBefore),
  ];
}

/** Usernames are compared byte by byte and hold 0 to 9 and a to z; the brace is the first character after z. */
function endOfPrefix(prefix: string): string {
  return `${prefix}{`;
}

/** A row comparison, unlike the same thing spelled with OR, is one range of the index. */
function isBehind({ key, id }: PagePosition, sort: UserSort): SQL {
  switch (sort) {
    case "created_at":
      return sql`(${users.createdAt}, ${users.id}) > (${key}::timestamptz, ${id}::uuid)`;
    case "-created_at":
      return sql`(${users.createdAt}, ${users.id}) < (${key}::timestamptz, ${id}::uuid)`;
    case "username":
      return gt(users.username, key);
    case "-username":
      return lt(users.username, key);
  }
}
