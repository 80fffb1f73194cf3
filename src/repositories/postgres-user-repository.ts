import { eq } from "drizzle-orm";

import type { QueryRunner } from "../db/query-runner.ts";
import { users } from "../db/schema.ts";
import { AppError } from "../models/errors.ts";
import { toUserPage } from "../models/user-list.ts";
import type { UserRepository } from "../models/user.ts";
import { deleteIfExpected, updateIfExpected } from "./change-user.ts";
import { claimAndInsert, toClaimOutcome, type ClaimRow } from "./insert-user-once.ts";
import { insertOrFindHolders, refusalOf, type Holder } from "./insert-user.ts";
import { conditionsOf, orderOf } from "./user-list-sql.ts";

/** Users in PostgreSQL; one statement per method. */
export function createPostgresUserRepository({ queries }: { readonly queries: QueryRunner }): UserRepository {
  return {
    async insert(user) {
      const { rows } = await queries.run("users.insert", (db) => db.execute<Holder>(insertOrFindHolders(db, user)));
      if (rows.some(({ is_new: isNew }) => isNew)) return user;
      throw new AppError(refusalOf(rows, user));
    },

    async insertOnce(user, answer) {
      const { rows } = await queries.run("users.insert_once", (db) =>
        db.execute<ClaimRow>(claimAndInsert(db, user, answer)),
      );
      return toClaimOutcome(rows, answer);
    },

    async findById(id) {
      const rows = await queries.run("users.find_by_id", (db) => db.select().from(users).where(eq(users.id, id)));
      return rows[0] ?? null;
    },

    async findByUsername(username) {
      const rows = await queries.run("users.find_by_username", (db) =>
        db.select().from(users).where(eq(users.username, username)),
      );
      return rows[0] ?? null;
    },

    async list(query) {
      const rows = await queries.run("users.list", (db) =>
        db
          .select()
          .from(users)
          .where(conditionsOf(query))
          .orderBy(...orderOf(query.sort))
          .limit(query.limit + 1),
      );
      return toUserPage(rows, query);
    },

    async update(id, change, expected) {
      const [row] = await queries.run("users.update", (db) => updateIfExpected(db, id, change, expected));
      if (row === undefined) return { kind: "absent" };
      return row.changed === null ? { kind: "stale" } : { kind: "done", result: row.changed };
    },

    async delete(id, expected) {
      const [row] = await queries.run("users.delete", (db) => deleteIfExpected(db, id, expected));
      if (row === undefined) return { kind: "absent" };
      return row.removedId === null ? { kind: "stale" } : { kind: "done", result: null };
    },
  };
}
