import { eq } from "drizzle-orm";

import type { QueryRunner } from "../db/query-runner.ts";
import { rowReader } from "../db/rows.ts";
import { users } from "../db/schema.ts";
import { builder, prepareFamily, prepareStatement } from "../db/statement.ts";
import { AppError } from "../models/errors.ts";
import { toUserPage } from "../models/user-list.ts";
import type { ExpectedVersions, UserRepository } from "../models/user.ts";
import { fieldsOf, prepareDelete, prepareUpdate } from "./change-user.ts";
import { claimAndInsert, toClaimOutcome, toClaimValues } from "./insert-user-once.ts";
import { insertOrFindHolders, refusalOf, toHolder } from "./insert-user.ts";
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

/** Users in PostgreSQL; one statement per method. */
export function createPostgresUserRepository({ queries }: { readonly queries: QueryRunner }): UserRepository {
  return {
    async insert(user) {
      const { rows } = await queries.run(insertOrFindHolders, { ...user });
      const holders = rows.map(toHolder);
      if (holders.some(({ isNew }) => isNew)) return user;
      throw new AppError(refusalOf(holders, user));
    },

    async insertOnce(user, answer) {
      const { rows } = await queries.run(claimAndInsert, toClaimValues(user, answer));
      return toClaimOutcome(rows, answer);
    },

    async findById(id) {
      const { rows } = await queries.run(findById, { id });
      return rows[0] === undefined ? null : toUser(rows[0]);
    },

    async findByUsername(username) {
      const { rows } = await queries.run(findByUsername, { username });
      return rows[0] === undefined ? null : toUser(rows[0]);
    },

    async list(query) {
      const { rows } = await queries.run(listOf(shapeOf(query)), valuesOf(query));
      return toUserPage(rows.map(toUser), query);
    },

    async update(id, { updatedAt, ...patch }, expected) {
      const statement = updateOf({ fields: fieldsOf(patch), isConditional: expected !== null });
      const values = { ...patch, id, updatedAt: updatedAt.toISOString(), ...versionsOf(expected) };
      const { rows } = await queries.run(statement, values);
      const [row] = rows;
      if (row === undefined) return { kind: "absent" };
      return row[0] === null ? { kind: "stale" } : { kind: "done", result: toUser(row) };
    },

    async delete(id, expected) {
      const statement = deleteOf({ isConditional: expected !== null });
      const { rows } = await queries.run(statement, { id, ...versionsOf(expected) });
      const [row] = rows;
      if (row === undefined) return { kind: "absent" };
      return row[0] === null ? { kind: "stale" } : { kind: "done", result: null };
    },
  };
}

/** PostgreSQL's array literal of the expected versions. */
function versionsOf(expected: ExpectedVersions): { readonly versions?: string } {
  return expected === null ? {} : { versions: `{${expected.join(",")}}` };
}
