import { and, asc, desc, eq, gt, gte, lt, sql, type SQL } from "drizzle-orm";

import { users } from "../db/schema.ts";
import { builder, prepareStatement, type PlaceholderFor, type Statement } from "../db/statement.ts";
import type { UserFilter, UserQuery, UserSort } from "../models/user-list.ts";

/** Values of a list; times are RFC 3339. Only those of the shape's conditions are used. */
export type ListValues = {
  /** Rows at most: one more than the page shows, which tells whether there is a next one. */
  readonly rows: number;
  readonly prefixStart: string | null;
  readonly prefixEnd: string | null;
  readonly email: string | null;
  readonly createdAfter: string | null;
  readonly createdBefore: string | null;
  readonly afterKey: string | null;
  readonly afterId: string | null;
};

/** What makes the text of a list: its order, and which conditions there are. */
export type ListShape = Pick<UserQuery, "sort"> &
  Readonly<Record<"hasCursor" | "hasPrefix" | "hasEmail" | "hasStart" | "hasEnd", boolean>>;

export function listShape({ sort, filter, after }: UserQuery): ListShape {
  return {
    sort,
    hasCursor: after !== null,
    hasPrefix: filter.usernamePrefix !== null,
    hasEmail: filter.email !== null,
    hasStart: filter.createdAfter !== null,
    hasEnd: filter.createdBefore !== null,
  };
}

export function listValues({ filter, after, limit }: UserQuery): ListValues {
  const { usernamePrefix, email, createdAfter, createdBefore }: UserFilter = filter;
  return {
    rows: limit + 1,
    prefixStart: usernamePrefix,
    prefixEnd: usernamePrefix === null ? null : prefixUpperBound(usernamePrefix),
    email,
    createdAfter: createdAfter === null ? null : createdAfter.toISOString(),
    createdBefore: createdBefore === null ? null : createdBefore.toISOString(),
    afterKey: after === null ? null : after.key,
    afterId: after === null ? null : after.id,
  };
}

/** Selects whole users. */
export function prepareList(shape: ListShape): Statement<ListValues> {
  return prepareStatement("users.list", "read", (value) =>
    builder
      .select()
      .from(users)
      .where(and(...whereConditions(shape, value)))
      .orderBy(...orderBy(shape.sort))
      .limit(value("rows")),
  );
}

function whereConditions(
  { sort, hasCursor, hasPrefix, hasEmail, hasStart, hasEnd }: ListShape,
  value: PlaceholderFor<ListValues>,
): (SQL | undefined)[] {
  return [
    hasPrefix ? gte(users.username, value("prefixStart")) : undefined,
    hasPrefix ? lt(users.username, value("prefixEnd")) : undefined,
    hasEmail ? eq(users.email, value("email")) : undefined,
    hasStart ? gt(users.createdAt, value("createdAfter")) : undefined,
    hasEnd ? lt(users.createdAt, value("createdBefore")) : undefined,
    hasCursor ? afterCursor(sort, value) : undefined,
  ];
}

/** The order, with the id as the last word where keys may be equal; usernames are unique. */
function orderBy(sort: UserSort): SQL[] {
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

/** Usernames are compared byte by byte and hold 0 to 9 and a to z; the brace is the first character after z. */
function prefixUpperBound(prefix: string): string {
  return `${prefix}{`;
}

/** A row comparison, unlike the same thing spelled with OR, is one range of the index. */
function afterCursor(sort: UserSort, value: PlaceholderFor<ListValues>): SQL {
  const position = sql`(${value("afterKey")}::timestamptz, ${value("afterId")}::uuid)`;
  switch (sort) {
    case "created_at":
      return sql`(${users.createdAt}, ${users.id}) > ${position}`;
    case "-created_at":
      return sql`(${users.createdAt}, ${users.id}) < ${position}`;
    case "username":
      return gt(users.username, value("afterKey"));
    case "-username":
      return lt(users.username, value("afterKey"));
  }
}
