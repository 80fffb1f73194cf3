import { describe, test } from "vitest";

import { NO_FILTER, USER_SORTS, type UserFilter, type UserQuery, type UserSort } from "../../src/models/user-list.ts";
import type { User, UserRepository } from "../../src/models/user.ts";
import { withContext, type WithoutContext } from "./call-context.ts";
import type { OpenRepository } from "./user-repository-contract.ts";
import { buildUser } from "./users.ts";

const START = Date.parse("2026-03-01T12:00:00.000Z");

/** What every user repository promises of lists; run for the fake and for PostgreSQL. */
export function describeUserList(name: string, open: OpenRepository): void {
  describe(`${name} keeps the contract of user lists`, () => {
    test("an empty list has no items and no next page", async ({ expect }) => {
      const users = withContext(await open());
      expect(await users.list(query({ limit: 5 }))).toEqual({ items: [], next: null });
    });

    test.for([...USER_SORTS])(
      "sorted by %s, a list has the order it says and ends when it ends",
      async (sort, { expect }) => {
        const users = withContext(await open());
        const expected = idsInOrder(await insertMany(users, 9), sort);
        const page = await users.list(query({ sort, limit: 9 }));
        expect(page.items.map(({ id }) => id)).toEqual(expected);
        expect(page.next).toBeNull();
      },
    );

    test.for(USER_SORTS.flatMap((sort) => [1, 2, 4].map((limit) => [sort, limit] as const)))(
      "sorted by %s, a walk in pages of %i sees every user once, in order",
      async ([sort, limit], { expect }) => {
        const users = withContext(await open());
        const expected = idsInOrder(await insertMany(users, 9), sort);
        expect(await walk(users, query({ sort, limit }))).toEqual(expected);
      },
    );

    test.for([...USER_SORTS])(
      "sorted by %s, a walk sees what was there throughout exactly once, whatever comes and goes meanwhile",
      async (sort, { expect }) => {
        const users = withContext(await open());
        const seeded = idsInOrder(await insertMany(users, 12), sort);
        const doomed = seeded.filter((_, place) => place % 4 === 3);
        const surviving = seeded.filter((id) => !doomed.includes(id));
        const seen = await walk(users, query({ sort, limit: 3 }), async () => {
          await users.insert(buildUser({ createdAt: new Date(), updatedAt: new Date() }));
          const victim = doomed.shift();
          if (victim !== undefined) await users.delete(victim, null);
        });
        expect(seen.filter((id) => surviving.includes(id))).toEqual(surviving);
        expect(new Set(seen).size).toBe(seen.length);
      },
    );

    test.for<[string, Partial<UserFilter>, (user: User) => boolean]>([
      ["a prefix of the username", { usernamePrefix: "ab" }, ({ username }) => username.startsWith("ab")],
      ["a prefix that ends with z", { usernamePrefix: "abz" }, ({ username }) => username.startsWith("abz")],
      ["a whole username", { usernamePrefix: "abz9" }, ({ username }) => username === "abz9"],
      ["an email address", { email: "abc@example.com" }, ({ email }) => email === "abc@example.com"],
      [
        "a time of creation after",
        { createdAfter: new Date(START + 1_000) },
        ({ createdAt }) => createdAt.getTime() > START + 1_000,
      ],
      [
        "a time of creation before",
        { createdBefore: new Date(START + 2_000) },
        ({ createdAt }) => createdAt.getTime() < START + 2_000,
      ],
      [
        "several conditions",
        { usernamePrefix: "ab", createdAfter: new Date(START), createdBefore: new Date(START + 3_000) },
        ({ username, createdAt }) =>
          username.startsWith("ab") && createdAt.getTime() > START && createdAt.getTime() < START + 3_000,
      ],
      ["nobody", { usernamePrefix: "nobody" }, () => false],
    ])("filtered by %s, a walk in any order sees who meets it", async ([, conditions, isMeant], { expect }) => {
      const users = withContext(await open());
      const names = ["abc", "abz", "abz9", "abza", "ac1", "ab0", "b99", "aaa"];
      const made = await Promise.all(names.map(async (username, i) => await users.insert(named(username, i))));
      const filter = { ...NO_FILTER, ...conditions };
      for (const sort of USER_SORTS) {
        const expected = idsInOrder(made.filter(isMeant), sort);
        expect({ sort, ids: await walk(users, query({ sort, filter, limit: 2 })) }).toEqual({ sort, ids: expected });
      }
    });
  });
}

function query(parts: Partial<UserQuery>): UserQuery {
  return { sort: "-created_at", filter: NO_FILTER, limit: 20, after: null, ...parts };
}

function named(username: string, place: number): User {
  const createdAt = new Date(START + place * 500);
  return buildUser({ username, email: `${username}@example.com`, createdAt, updatedAt: createdAt });
}

/** Users in pairs of the same time, so that the id decides. */
async function insertMany(users: WithoutContext<UserRepository>, count: number): Promise<User[]> {
  const made: User[] = [];
  for (let i = 0; i < count; i++) {
    const createdAt = new Date(START + Math.floor(i / 2) * 1_000);
    made.push(await users.insert(buildUser({ createdAt, updatedAt: createdAt })));
  }
  return made;
}

async function walk(
  users: WithoutContext<UserRepository>,
  first: UserQuery,
  between: () => Promise<void> = async () => {},
): Promise<string[]> {
  const seen: string[] = [];
  let next: UserQuery | null = first;
  while (next !== null) {
    const page: Awaited<ReturnType<UserRepository["list"]>> = await users.list(next);
    seen.push(...page.items.map(({ id }) => id));
    next = page.next === null ? null : { ...first, after: page.next };
    await between();
  }
  return seen;
}

function idsInOrder(users: readonly User[], sort: UserSort): string[] {
  const keyOf = ({ username, createdAt, id }: User): string =>
    sort.endsWith("username") ? username : `${createdAt.toISOString()} ${id}`;
  const ascending = users.toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1)).map(({ id }) => id);
  return sort.startsWith("-") ? ascending.toReversed() : ascending;
}
