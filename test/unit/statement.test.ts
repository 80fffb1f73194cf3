import { eq, getTableColumns, sql } from "drizzle-orm";
import { describe, test } from "vitest";

import type { QueryRunner } from "../../src/db/query-runner.ts";
import { rowReader } from "../../src/db/rows.ts";
import { users } from "../../src/db/schema.ts";
import { builder, prepareByShape, prepareStatement } from "../../src/db/statement.ts";
import { NO_FILTER, USER_SORTS, type UserQuery } from "../../src/models/user-list.ts";
import type { User, UserRepository } from "../../src/models/user.ts";
import { createPostgresUserRepository } from "../../src/repositories/postgres-user-repository.ts";
import { withContext, type WithoutContext } from "../support/call-context.ts";

const COLUMNS = Object.values(getTableColumns(users)).map(({ name }) => name);
const TIME = new Date("2026-01-31T12:00:00.000Z");
const USER: User = {
  id: "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10",
  username: "ghopper",
  email: "grace@example.com",
  fullName: "Grace Hopper",
  createdAt: TIME,
  updatedAt: TIME,
  version: 3,
};

describe("a prepared statement", () => {
  test("is built when it is first used, once", ({ expect }) => {
    let built = 0;
    const statement = prepareStatement<{ readonly id: string }>("find", "read", (value) => {
      built++;
      return sql`select ${value("id")}`;
    });
    expect(built).toBe(0);
    expect([statement.text, statement.text, statement.bind({ id: "a" }), statement.bind({ id: "b" })]).toEqual([
      "select $1",
      "select $1",
      ["a"],
      ["b"],
    ]);
    expect(built).toBe(1);
  });

  test("takes values as their columns do, in the order of the text, and constants as they are", ({ expect }) => {
    const statement = prepareStatement<{ readonly id: string; readonly at: Date }>("change", "write", (value) =>
      builder
        .update(users)
        .set({ updatedAt: sql`${sql.param(value("at"), users.updatedAt)}`, version: 7 })
        .where(eq(users.id, value("id"))),
    );
    expect(statement.text).toBe('update "users" set "updated_at" = $1, "version" = $2 where "users"."id" = $3');
    expect(statement.bind({ id: "x", at: TIME })).toEqual(["2026-01-31T12:00:00.000Z", 7, "x"]);
  });
});

describe("statements by shape", () => {
  test("prepares one for each shape", ({ expect }) => {
    const prepared: object[] = [];
    const statementOf = prepareByShape((shape: { readonly sort: string }) => {
      prepared.push(shape);
      return prepareStatement("list", "read", () => sql`select 1`);
    });
    expect(statementOf({ sort: "a" })).toBe(statementOf({ sort: "a" }));
    expect(statementOf({ sort: "b" })).not.toBe(statementOf({ sort: "a" }));
    expect(prepared).toEqual([{ sort: "a" }, { sort: "b" }]);
  });
});

type Users = WithoutContext<UserRepository>;

interface Sent {
  readonly name: string;
  readonly text: string;
  readonly params: readonly unknown[];
}

/** What the repository sends when `use` is done with it. */
async function sentBy(use: (repository: Users) => Promise<unknown>): Promise<Sent> {
  const sent: Sent[] = [];
  const run: QueryRunner["run"] = async (_, { statement, values, read }) => {
    sent.push({ name: statement.name, text: statement.text, params: statement.bind(values) });
    return read({ rows: [], rowCount: 0 });
  };
  await use(withContext(createPostgresUserRepository({ queries: { run } }))).catch(() => undefined);
  const [statement] = sent;
  if (statement === undefined || sent.length > 1) throw new Error(`${sent.length} statements instead of one`);
  return statement;
}

const ANSWER = {
  caller: "caller-1",
  key: "key-1",
  requestHash: "hash-1",
  status: 201,
  response: "{}",
  createdAt: TIME,
  expiresAt: TIME,
};
const listQuery = (query: Partial<UserQuery>): UserQuery => ({
  sort: "username",
  filter: NO_FILTER,
  limit: 20,
  after: null,
  ...query,
});
const FILTER = { usernamePrefix: "gh", email: USER.email, createdAfter: TIME, createdBefore: TIME };

const USES: Readonly<Record<string, (repository: Users) => Promise<unknown>>> = {
  insert: ({ insert }) => insert(USER),
  "insert once": ({ insertOnce }) => insertOnce(USER, ANSWER),
  "find by id": ({ findById }) => findById(USER.id),
  "find by username": ({ findByUsername }) => findByUsername(USER.username),
  "update one field": ({ update }) => update(USER.id, { email: USER.email, updatedAt: TIME }, null),
  "update all fields of a version": ({ update }) => update(USER.id, USER, [3, 4]),
  delete: (repository) => repository.delete(USER.id, null),
  "delete a version": (repository) => repository.delete(USER.id, [3]),
  ...Object.fromEntries(
    USER_SORTS.flatMap((sort) => [
      [`list by ${sort}`, ({ list }: Users) => list(listQuery({ sort }))],
      [
        `list by ${sort} with every condition`,
        ({ list }: Users) => list(listQuery({ sort, filter: FILTER, after: { key: "g", id: USER.id } })),
      ],
    ]),
  ),
};

describe.for(Object.entries(USES))("the statement of %s", ([, use]) => {
  test("holds values as parameters only, each place with one", async ({ expect }) => {
    const { text, params } = await sentBy(use);
    const places = [...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number));
    expect(places).toEqual(params.map((_, index) => index + 1));
    expect(params.filter((param) => param === undefined)).toEqual([]);
    for (const value of [USER.id, "ghopper", "grace", "Grace", "2026", "caller-1", "hash-1", "{3"]) {
      expect(text).not.toContain(value);
    }
  });

  test("is the same text for other values", async ({ expect }) => {
    expect((await sentBy(use)).text).toBe((await sentBy(use)).text);
  });
});

describe("a row", () => {
  const TEXTS = [
    USER.id,
    "ghopper",
    "grace@example.com",
    "Grace Hopper",
    "2026-01-31 12:00:00+00",
    "2026-01-31 13:00:00+01",
    "3",
  ];

  test.for(["find by id", "find by username", "list by username", "list by -created_at with every condition"])(
    "of %s has the columns of the schema, in the order in which it is read",
    async (name, { expect }) => {
      const use = USES[name] ?? (() => Promise.reject(new Error("no such use")));
      const selected = /^select (.+?) from "users"/.exec((await sentBy(use)).text)?.[1];
      expect(selected?.split(", ")).toEqual(COLUMNS.map((column) => `"${column}"`));
    },
  );

  test("of a change has them too", async ({ expect }) => {
    const { text } = await sentBy(({ update }) => update(USER.id, USER, null));
    const selected = / returning (.+)$/.exec(text)?.[1];
    expect(selected?.split(", ")).toEqual(COLUMNS.map((column) => `"${column}"`));
  });

  test("is read as the schema says, whatever the session's time zone", ({ expect }) => {
    expect(rowReader(users)(TEXTS)).toEqual(USER);
  });
});
