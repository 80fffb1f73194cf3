import { eq } from "drizzle-orm";

import type { TextResult, TextRow } from "../db/client.ts";
import type { QueryRunner } from "../db/query-runner.ts";
import { rowReader } from "../db/rows.ts";
import { users } from "../db/schema.ts";
import { builder, prepareFamily, prepareStatement } from "../db/statement.ts";
import { toUserPage } from "../models/user-list.ts";
import type { ChangeOutcome, ExpectedVersions, User, UserRepository } from "../models/user.ts";
import { fieldsOf, prepareDelete, prepareUpdate } from "./change-user.ts";
import { claimAndInsert, toClaimOutcome, toClaimValues } from "./insert-user-once.ts";
import { insertOrFindHolders, toInserted } from "./insert-user.ts";
import { prepareList, shapeOf, valuesOf } from "./user-list-sql.ts";

const findById = prepareStatement<{ readonly id: string }>("users.find_by_id", (value) =>
  builder
    .select()
    .from(users)
    .where(eq(users.id, value("id"))),
);
const findByUsername = prepareStatement<{ readonly username: string }>("users.find_by_username", (value) =>
  builder
    .select()
    .from(users)
    .where(eq(users.username, value("username"))),
);
const listOf = prepareFamily(prepareList);
const updateOf = prepareFamily(prepareUpdate);
const deleteOf = prepareFamily(prepareDelete);

const toUser = rowReader(users);

const toUserOrNull = ({ rows: [row] }: TextResult): User | null => (row === undefined ? null : toUser(row));

/** Users in PostgreSQL; one statement per method. */
export function createPostgresUserRepository({ queries }: { readonly queries: QueryRunner }): UserRepository {
  return {
    insert: (user, work) =>
      queries.run(work, {
        statement: insertOrFindHolders,
        values: { ...user },
        read: ({ rows }) => toInserted(user, rows),
      }),

    insertOnce: (user, answer, work) =>
      queries.run(work, {
        statement: claimAndInsert,
        values: toClaimValues(user, answer),
        read: ({ rows }) => toClaimOutcome(rows, answer),
      }),

    findById: (id, work) => queries.run(work, { statement: findById, values: { id }, read: toUserOrNull }),

    findByUsername: (username, work) =>
      queries.run(work, { statement: findByUsername, values: { username }, read: toUserOrNull }),

    list: (query, work) =>
      queries.run(work, {
        statement: listOf(shapeOf(query)),
        values: valuesOf(query),
        read: ({ rows }) => toUserPage(rows.map(toUser), query),
      }),

    update: (id, { updatedAt, ...patch }, expected, work) =>
      queries.run(work, {
        statement: updateOf({ fields: fieldsOf(patch), isConditional: expected !== null }),
        values: { ...patch, id, updatedAt: updatedAt.toISOString(), ...versionsOf(expected) },
        read: (result) => toChangeOutcome(result, toUser),
      }),

    delete: (id, expected, work) =>
      queries.run(work, {
        statement: deleteOf({ isConditional: expected !== null }),
        values: { id, ...versionsOf(expected) },
        read: (result) => toChangeOutcome(result, () => null),
      }),
  };
}

/** PostgreSQL's array literal of the expected versions. */
function versionsOf(expected: ExpectedVersions): { readonly versions?: string } {
  return expected === null ? {} : { versions: `{${expected.join(",")}}` };
}

function toChangeOutcome<Result>({ rows: [row] }: TextResult, read: (row: TextRow) => Result): ChangeOutcome<Result> {
  if (row === undefined) return { kind: "absent" };
  return row[0] === null ? { kind: "stale" } : { kind: "done", result: read(row) };
}
