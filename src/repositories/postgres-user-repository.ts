import { eq } from "drizzle-orm";

import type { TextResult } from "../db/client.ts";
import type { QueryRunner } from "../db/query-runner.ts";
import { rowReader } from "../db/rows.ts";
import { users } from "../db/schema.ts";
import { builder, prepareByShape, prepareStatement } from "../db/statement.ts";
import { toUserPage } from "../models/user-list.ts";
import type { User, UserRepository } from "../models/user.ts";
import { changedFields, prepareDelete, prepareUpdate } from "./change-user.ts";
import { claimAndInsert, toClaimValues, toStoredResponse } from "./insert-user-once.ts";
import { insertUser, requireInserted } from "./insert-user.ts";
import { prepareList, listShape, listValues } from "./user-list-sql.ts";
import { targetValues } from "./versioned.ts";

const findById = prepareStatement<{ readonly id: string }>("users.find_by_id", "read", (value) =>
  builder
    .select()
    .from(users)
    .where(eq(users.id, value("id"))),
);
const findByUsername = prepareStatement<{ readonly username: string }>("users.find_by_username", "read", (value) =>
  builder
    .select()
    .from(users)
    .where(eq(users.username, value("username"))),
);
const listStatement = prepareByShape(prepareList);
const updateStatement = prepareByShape(prepareUpdate);
const deleteStatement = prepareByShape(prepareDelete);

const toUser = rowReader(users);

const toUserOrNull = ({ rows: [row] }: TextResult): User | null => (row === undefined ? null : toUser(row));

/** Users in PostgreSQL; one statement per method. */
export function createPostgresUserRepository({ queries }: { readonly queries: QueryRunner }): UserRepository {
  return {
    insert: (user, context) =>
      queries.run(context, {
        statement: insertUser,
        values: { ...user },
        read: ({ rows }) => requireInserted(user, rows),
      }),

    insertOnce: (user, record, context) =>
      queries.run(context, {
        statement: claimAndInsert,
        values: toClaimValues(user, record),
        read: ({ rows }) => toStoredResponse(rows, record),
      }),

    findById: (id, context) => queries.run(context, { statement: findById, values: { id }, read: toUserOrNull }),

    findByUsername: (username, context) =>
      queries.run(context, { statement: findByUsername, values: { username }, read: toUserOrNull }),

    list: (query, context) =>
      queries.run(context, {
        statement: listStatement(listShape(query)),
        values: listValues(query),
        read: ({ rows }) => toUserPage(rows.map(toUser), query),
      }),

    update: (id, { updatedAt, ...patch }, expected, context) =>
      queries.run(context, {
        statement: updateStatement({ fields: changedFields(patch), isConditional: expected !== null }),
        values: { ...patch, ...targetValues(id, expected), updatedAt: updatedAt.toISOString() },
        read: toUserOrNull,
      }),

    delete: (id, expected, context) =>
      queries.run(context, {
        statement: deleteStatement({ isConditional: expected !== null }),
        values: targetValues(id, expected),
        read: ({ rowCount }) => rowCount > 0,
      }),
  };
}
