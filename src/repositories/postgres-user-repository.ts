import { desc, eq, sql } from "drizzle-orm";

import type { QueryRunner } from "../db/query-runner.ts";
import { users } from "../db/schema.ts";
import type { Page, PagePosition, PageRequest } from "../models/page.ts";
import type { User, UserRepository } from "../models/user.ts";

/** Users in PostgreSQL; one statement per method. */
export function createPostgresUserRepository({ queries }: { readonly queries: QueryRunner }): UserRepository {
  return {
    async insert(user) {
      const rows = await queries.run("users.insert", (db) => db.insert(users).values(user).returning());
      return only(rows);
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

    async list(page) {
      const rows = await queries.run("users.list", (db) =>
        db
          .select()
          .from(users)
          .where(page.after === null ? undefined : isBehind(page.after))
          .orderBy(desc(users.createdAt), desc(users.id))
          .limit(page.limit + 1),
      );
      return toPage(rows, page);
    },

    async update(id, { updatedAt, ...fields }) {
      const rows = await queries.run("users.update", (db) =>
        db
          .update(users)
          .set({ ...fields, updatedAt: notBefore(updatedAt), version: sql`${users.version} + 1` })
          .where(eq(users.id, id))
          .returning(),
      );
      return rows[0] ?? null;
    },

    async delete(id) {
      await queries.run("users.delete", (db) => db.delete(users).where(eq(users.id, id)));
    },
  };
}

/** Clocks of two isolates may differ; a user's time of change must not go back. */
function notBefore(time: Date) {
  return sql`greatest(${users.updatedAt}, ${time.toISOString()}::timestamptz)`;
}

/** A row comparison, unlike the same thing spelled with OR, is one range of the index. */
function isBehind({ createdAt, id }: PagePosition) {
  return sql`(${users.createdAt}, ${users.id}) < (${createdAt.toISOString()}::timestamptz, ${id}::uuid)`;
}

/** One row more than asked for was read: it tells whether there is a next page. */
function toPage(rows: readonly User[], { limit }: PageRequest): Page<User> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items, next: hasMore ? { createdAt: last.createdAt, id: last.id } : null };
}

function only(rows: readonly User[]): User {
  const [row] = rows;
  if (row === undefined) throw new Error("INSERT … RETURNING gave no row");
  return row;
}
