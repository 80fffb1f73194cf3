import type { Pool } from "pg";

/** A row of the table; `pg` makes dates of times. */
export interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly full_name: string;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly version: number;
}

export interface NewUser {
  readonly username: string;
  readonly email: string;
  readonly full_name: string;
}

export interface PageRequest {
  readonly limit: number;
  readonly after: { readonly time: string; readonly id: string } | null;
}

/** The queries of the service; named, so that PostgreSQL parses each once per connection. */
export function createUsers(pool: Pool) {
  const run = async (name: string, text: string, values: readonly unknown[]): Promise<UserRow[]> =>
    (await pool.query<UserRow>({ name, text, values: [...values] })).rows;

  return {
    findById: async (id: string) => (await run("by-id", "select * from users where id = $1", [id]))[0],

    findByUsername: async (username: string) =>
      (await run("by-username", "select * from users where username = $1", [username]))[0],

    list: async ({ limit, after }: PageRequest) =>
      after === null
        ? await run("list", "select * from users order by created_at desc, id desc limit $1", [limit])
        : await run(
            "list-after",
            `select * from users where (created_at, id) < ($2::timestamptz, $3::uuid)
             order by created_at desc, id desc limit $1`,
            [limit, after.time, after.id],
          ),

    insert: async (id: string, { username, email, full_name: fullName }: NewUser, now: Date) =>
      (
        await run(
          "insert",
          `insert into users (id, username, email, full_name, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)
           on conflict do nothing returning *`,
          [id, username.toLowerCase(), email.toLowerCase(), fullName, now],
        )
      )[0],

    update: async (id: string, { username, email, full_name: fullName }: Partial<NewUser>, now: Date) =>
      (
        await run(
          "update",
          `update users set username = coalesce($2, username), email = coalesce($3, email),
             full_name = coalesce($4, full_name), updated_at = greatest(updated_at, $5::timestamptz), version = version + 1
           where id = $1 returning *`,
          [id, username?.toLowerCase(), email?.toLowerCase(), fullName, now],
        )
      )[0],

    delete: async (id: string) => void (await run("delete", "delete from users where id = $1", [id])),
  };
}

export type Users = ReturnType<typeof createUsers>;
