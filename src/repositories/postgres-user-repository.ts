import { desc, eq, sql, type SQL } from "drizzle-orm";

import type { Database } from "../db/client.ts";
import type { QueryRunner } from "../db/query-runner.ts";
import { users } from "../db/schema.ts";
import { AppError, type ErrorCode } from "../models/errors.ts";
import type { Page, PagePosition, PageRequest } from "../models/page.ts";
import type { User, UserRepository } from "../models/user.ts";

/** Users in PostgreSQL; one statement per method. */
export function createPostgresUserRepository({ queries }: { readonly queries: QueryRunner }): UserRepository {
  return {
    async insert(user) {
      const { rows } = await queries.run("users.insert", (db) => db.execute<Holder>(insertOrFindHolders(db, user)));
      if (rows.some(({ is_new: isNew }) => isNew)) return user;
      throw new AppError(refusalOf(rows, user));
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

/** The row that was inserted, or those that already hold the username or the email address. */
type Holder = { readonly username: string; readonly email: string; readonly is_new: boolean };

/**
 * A plain INSERT would fail with a unique violation, for which Neon's proxy drops the database connection. This
 * one conflicts quietly and asks for the holders in the same statement; they do not depend on its snapshot.
 */
function insertOrFindHolders(db: Database, user: User): SQL {
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

function refusalOf(holders: readonly Holder[], { username, email }: User): ErrorCode {
  if (holders.some((holder) => holder.username === username)) return "username-taken";
  if (holders.some((holder) => holder.email === email)) return "email-taken";
  // The holder was deleted in between; the same request will succeed when it is repeated.
  return "database-unavailable";
}
