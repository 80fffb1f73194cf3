import { describe, test } from "vitest";

import { USER_SORTS, type UserSort } from "../../src/models/user-list.ts";
import type { User } from "../../src/models/user.ts";
import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { createRecordedApp } from "../support/http-fakes.ts";
import { readList, walkList } from "../support/http-lists.ts";
import { USERS } from "../support/http-messages.ts";
import { buildUser } from "../support/users.ts";

const START = Date.parse("2026-03-01T12:00:00.000Z");
const NAMES = ["abc", "zoe", "abz", "abz9", "m55", "abza", "ac1", "ab0", "b99", "aaa", "m4x", "10a"];

/** In pairs of the same time, half a second apart, so that the id has to decide. */
const ALL = NAMES.map((username, place) => {
  const createdAt = new Date(START + Math.floor(place / 2) * 500);
  return buildUser({ username, email: `${username}@example.com`, createdAt, updatedAt: createdAt });
});
const openApp = () => createRecordedApp({ users: createFakeUserRepository(ALL) });

function idsOf(sort: UserSort, isMeant: (user: User) => boolean): string[] {
  const keyOf = ({ username, createdAt, id }: User) =>
    sort.endsWith("username") ? username : `${createdAt.toISOString()} ${id}`;
  const ascending = ALL.filter(isMeant).toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  return (sort.startsWith("-") ? ascending.toReversed() : ascending).map(({ id }) => id);
}

interface Condition {
  readonly query: string;
  readonly isMeant: (user: User) => boolean;
}

const time = (ms: number) => new Date(START + ms).toISOString();
const USERNAME: readonly Condition[] = [
  { query: "", isMeant: () => true },
  { query: "username=ab", isMeant: ({ username }) => username.startsWith("ab") },
];
const EMAIL: readonly Condition[] = [
  { query: "", isMeant: () => true },
  { query: "email=abz9@example.com", isMeant: ({ email }) => email === "abz9@example.com" },
];
const AFTER: readonly Condition[] = [
  { query: "", isMeant: () => true },
  { query: `created_after=${time(0)}`, isMeant: ({ createdAt }) => createdAt.getTime() > START },
];
const BEFORE: readonly Condition[] = [
  { query: "", isMeant: () => true },
  { query: `created_before=${time(2_000)}`, isMeant: ({ createdAt }) => createdAt.getTime() < START + 2_000 },
];

/** Every combination of every condition, given and not. */
const COMBINATIONS: readonly Condition[] = USERNAME.flatMap((username) =>
  EMAIL.flatMap((email) =>
    AFTER.flatMap((after) =>
      BEFORE.map((before) => {
        const parts = [username, email, after, before];
        return {
          query: parts
            .map(({ query }) => query)
            .filter((query) => query !== "")
            .join("&"),
          isMeant: (user: User) => parts.every(({ isMeant }) => isMeant(user)),
        };
      }),
    ),
  ),
);

describe.for([...USER_SORTS])("a list sorted by %s", (sort) => {
  test.for(COMBINATIONS)("where ?$query holds who is meant, in order, in pages too", async (condition, { expect }) => {
    const expected = idsOf(sort, condition.isMeant);
    const app = openApp();
    const start = `${USERS}?${[`sort=${sort}`, condition.query].filter((part) => part !== "").join("&")}`;
    expect((await readList(app, start)).ids).toEqual(expected);
    for (const limit of [1, 2, 5]) expect(await walkList(app, `${start}&limit=${limit}`)).toEqual(expected);
    expect(new Set(app.users.calls)).toEqual(new Set(["list"]));
  });
});

const idsWhere = async (query: string) => (await readList(openApp(), `${USERS}?${query}`)).ids;

describe("the order of a list", () => {
  test("is the newest first unless sort says otherwise", async ({ expect }) => {
    const expected = idsOf("-created_at", () => true);
    expect(await idsWhere("")).toEqual(expected);
    expect(await idsWhere("sort=-created_at")).toEqual(expected);
    expect(await idsWhere("sort=%2Dcreated%5Fat")).toEqual(expected);
  });
});

describe("the filter by username", () => {
  test.for(["AB", "aB", "%61b"])("does not care for case or spelling: %s", async (prefix, { expect }) => {
    expect(await idsWhere(`username=${prefix}`)).toEqual(
      idsOf("-created_at", ({ username }) => username.startsWith("ab")),
    );
  });

  test.for([
    ["a whole name", "abz9", ["abz9"]],
    ["the last letter", "z", ["zoe"]],
    ["digits", "1", ["10a"]],
    ["a prefix that ends with z", "abz", ["abz", "abz9", "abza"]],
    ["a part that is no prefix", "bz", []],
    ["fifty characters", "a".repeat(50), []],
  ] as const)("takes %s", async ([, prefix, names], { expect }) => {
    expect(await idsWhere(`username=${prefix}`)).toEqual(
      idsOf("-created_at", ({ username }) => names.some((name) => name === username)),
    );
  });
});

describe("the filter by email", () => {
  test.for(["ABZ@Example.COM", "abz%40example.com", "abz@%EF%BD%85xample.com"])(
    "does not care for case or spelling: %s",
    async (email, { expect }) => {
      expect(await idsWhere(`email=${email}`)).toEqual(idsOf("-created_at", ({ username }) => username === "abz"));
    },
  );

  test("takes whole addresses only", async ({ expect }) => {
    expect(await idsWhere("email=abz@example.co")).toEqual([]);
    expect(await idsWhere("email=bz@example.com")).toEqual([]);
  });
});

describe("the filters by time", () => {
  const after = (ms: number) => idsOf("-created_at", ({ createdAt }) => createdAt.getTime() > START + ms);
  const before = (ms: number) => idsOf("-created_at", ({ createdAt }) => createdAt.getTime() < START + ms);

  test.for([-1, 0, 499, 500, 501, 2_500])("leave out the very time, to the millisecond: %i", async (ms, { expect }) => {
    expect(await idsWhere(`created_after=${time(ms)}`)).toEqual(after(ms));
    expect(await idsWhere(`created_before=${time(ms)}`)).toEqual(before(ms));
    expect(await idsWhere(`created_after=${time(ms)}&created_before=${time(ms)}`)).toEqual([]);
    expect(await idsWhere(`created_after=${time(ms - 1)}&created_before=${time(ms + 1)}`)).toEqual(
      idsOf("-created_at", ({ createdAt }) => createdAt.getTime() === START + ms),
    );
  });

  test.for([
    "2026-03-01T12:00:00.500Z",
    "2026-03-01T12:00:00.5Z",
    "2026-03-01T12:00:00.500000Z",
    "2026-03-01T13:00:00.5%2B01:00",
    "2026-03-01T17:45:00.500%2B05:45",
    "2026-03-01T08:30:00.500-03:30",
    "2026-03-01T12:00:00.500-00:00",
    "2026-03-02T11:59:00.500%2B23:59",
    "2026-02-28T12:01:00.500-23:59",
    "2026%2D03-01T12%3A00%3A00.500Z",
  ])("take any spelling of a time: %s", async (text, { expect }) => {
    expect(await idsWhere(`created_after=${text}`)).toEqual(after(500));
    expect(await idsWhere(`created_before=${text}`)).toEqual(before(500));
  });

  test.for([
    ["the first year that the database knows", "0001-01-01T00:00:00Z", true],
    ["the epoch", "1970-01-01T00:00:00Z", true],
    ["a leap day", "2024-02-29T23:59:59.999Z", true],
    ["the last millisecond that the database is asked for", "9999-12-31T23:59:59.999Z", false],
  ] as const)("take %s", async ([, text, isPast], { expect }) => {
    const [everybody, nobody] = [idsOf("-created_at", () => true), []];
    expect(await idsWhere(`created_after=${text}`)).toEqual(isPast ? everybody : nobody);
    expect(await idsWhere(`created_before=${text}`)).toEqual(isPast ? nobody : everybody);
  });
});

describe("the filters by a leap second", () => {
  /** The last millisecond before it, the midnight that follows, and the first millisecond after that. */
  const usersAround = (midnight: string): User[] =>
    [-1, 0, 1].map((ms) => buildUser({ createdAt: new Date(Date.parse(midnight) + ms) }));

  test.for([
    ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"],
    ["2016-12-31T23:59:60.999999Z", "2017-01-01T00:00:00Z"],
    ["2017-01-01T00:59:60%2B01:00", "2017-01-01T00:00:00Z"],
    ["2016-12-31T18:29:60.5-05:30", "2017-01-01T00:00:00Z"],
    ["2017-01-01T23:58:60%2B23:59", "2017-01-01T00:00:00Z"],
    ["2015-06-30T23:59:60Z", "2015-07-01T00:00:00Z"],
  ] as const)("take %s as %s, the midnight that follows", async ([text, midnight], { expect }) => {
    const users = usersAround(midnight);
    const app = createRecordedApp({ users: createFakeUserRepository(users) });
    const idsWhen = async (query: string) => (await readList(app, `${USERS}?${query}`)).ids;
    expect(await idsWhen(`created_after=${text}`)).toEqual([users[2]?.id]);
    expect(await idsWhen(`created_before=${text}`)).toEqual([users[0]?.id]);
  });
});
