import { describe, test } from "vitest";

import { USER_SORTS } from "../../src/models/user-list.ts";
import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { createRecordedApp } from "../support/http-fakes.ts";
import { readList, walkList } from "../support/http-lists.ts";
import { readProblem, USERS } from "../support/http-messages.ts";
import { buildUser } from "../support/users.ts";

const START = Date.parse("2026-03-01T12:00:00.000Z");
const ALL = Array.from({ length: 9 }, (_, place) => {
  const createdAt = new Date(START + place * 1_000);
  return buildUser({ username: `ab${place}`, email: `ab${place}@example.com`, createdAt, updatedAt: createdAt });
});
const openApp = () => createRecordedApp({ users: createFakeUserRepository(ALL) });

async function takeCursor(query: string): Promise<string> {
  const { nextCursor } = await readList(openApp(), `${USERS}?limit=2&${query}`);
  if (nextCursor === null) throw new Error("there is no next page");
  return nextCursor;
}

const EARLY = "created_after=2020-01-01T00:00:00Z";
const LATE = "created_before=2030-01-01T00:00:00Z";

/** Lists that hold the same users in part; no two are the same list. */
const LISTS = [
  "sort=-created_at",
  "sort=created_at",
  "sort=username",
  "sort=-username",
  "username=a",
  "username=ab",
  EARLY,
  "created_after=2020-01-01T00:00:00.001Z",
  LATE,
  "created_before=2030-01-01T00:00:00.001Z",
  "created_before=2030-01-01T00:00:00%2B00:01",
  `${EARLY}&${LATE}`,
  `username=a&${EARLY}&sort=username`,
];

describe.for(LISTS)("a cursor of ?%s", (made) => {
  test("is refused by every other list, and nobody is asked", async ({ expect }) => {
    const cursor = await takeCursor(made);
    for (const used of LISTS.filter((list) => list !== made)) {
      const { request, users } = openApp();
      const problem = await readProblem(await request(`${USERS}?${used}&cursor=${cursor}`));
      expect(problem, used).toMatchObject({ code: "invalid-cursor", status: 400 });
      expect(users.calls, used).toEqual([]);
    }
  });

  test("is refused when the filter is left out or one is added", async ({ expect }) => {
    const cursor = await takeCursor(made);
    const others = [`${made}&email=ab1@example.com`, ...(made === "sort=-created_at" ? [] : [""])];
    for (const used of others) {
      const problem = await readProblem(await openApp().request(`${USERS}?${used}&cursor=${cursor}`));
      expect(problem.code, used).toBe("invalid-cursor");
    }
  });

  test("goes on where the page ended, with any limit", async ({ expect }) => {
    const whole = await walkList(openApp(), `${USERS}?${made}`);
    const cursor = await takeCursor(made);
    for (const limit of [1, 3, 100]) {
      const { ids } = await readList(openApp(), `${USERS}?cursor=${cursor}&limit=${limit}&${made}`);
      expect(ids).toEqual(whole.slice(2, 2 + limit));
    }
  });

  test("is the same one each time", async ({ expect }) => {
    expect(await takeCursor(made)).toBe(await takeCursor(made));
  });
});

describe("a cursor stays good", () => {
  test.for([
    ["the default order and none", "sort=-created_at", ""],
    ["a prefix in upper case", "username=ab", "username=AB"],
    ["a percent-encoded prefix", "username=ab", "username=%61b"],
    ["another offset of the same time", EARLY, "created_after=2020-01-01T01:00:00%2B01:00"],
    ["another precision of the same time", EARLY, "created_after=2020-01-01T00:00:00.000000Z"],
    ["another order of the parameters", `username=ab&${LATE}&sort=username`, `sort=username&${LATE}&username=ab`],
  ] as const)("for %s", async ([, made, used], { expect }) => {
    for (const [first, second] of [
      [made, used],
      [used, made],
    ] as const) {
      const { ids } = await readList(openApp(), `${USERS}?cursor=${await takeCursor(first)}&${second}`);
      expect(ids).toHaveLength(7);
    }
  });

  test("for an address in another case", async ({ expect }) => {
    // A list of one user has no next page; so the cursor is taken from a list that would have more.
    const twins = [buildUser({ email: "twin@example.com" }), buildUser({ email: "twin@example.com" })];
    const users = createFakeUserRepository(twins);
    const { nextCursor } = await readList(createRecordedApp({ users }), `${USERS}?limit=1&email=twin@example.com`);
    const page = await readList(createRecordedApp({ users }), `${USERS}?email=TWIN@Example.com&cursor=${nextCursor}`);
    expect(page.ids).toHaveLength(1);
  });

  test.for([...USER_SORTS])("along a walk by %s with a limit that changes", async (sort, { expect }) => {
    const whole = await walkList(openApp(), `${USERS}?sort=${sort}`);
    const limits = [1, 3, 2, 100];
    const seen = await walkList(openApp(), `${USERS}?sort=${sort}&limit=1`, (next, pages) =>
      next.replace(/limit=\d+/, `limit=${limits[pages] ?? 1}`),
    );
    expect(seen).toEqual(whole);
  });
});

describe("the Link header", () => {
  test.for([
    ["", ""],
    ["limit=2", "limit=2&"],
    ["sort=username&limit=2", "sort=username&limit=2&"],
    ["limit=2&username=AB&sort=-username", "limit=2&username=AB&sort=-username&"],
  ] as const)("of ?%s keeps every parameter as it was given", async ([query, kept], { expect }) => {
    const many = Array.from({ length: 25 }, () => buildUser()).map((user) => ({
      ...user,
      username: `ab${user.username}`,
    }));
    const response = await createRecordedApp({ users: createFakeUserRepository(many) }).request(`${USERS}?${query}`);
    const { next_cursor: cursor } = await response.json<{ next_cursor: string }>();
    expect(response.headers.get("Link")).toBe(`<${USERS}?${kept}cursor=${cursor}>; rel="next"`);
  });

  test("keeps the meaning of what has to be escaped", async ({ expect }) => {
    const query = `limit=2&${EARLY.replace("Z", "%2B00:00")}&created_before=2030-01-01T00%3A00%3A00-01:00&username=%61b`;
    const { next } = await readList(openApp(), `${USERS}?${query}`);
    expect(Object.fromEntries(new URL(next ?? "", "https://users.test").searchParams)).toEqual({
      limit: "2",
      created_after: "2020-01-01T00:00:00+00:00",
      created_before: "2030-01-01T00:00:00-01:00",
      username: "ab",
      cursor: expect.any(String),
    });
    expect(await walkList(openApp(), `${USERS}?${query}`)).toHaveLength(9);
  });

  test("replaces the cursor that the page was asked with", async ({ expect }) => {
    const cursor = await takeCursor("sort=username");
    const { next } = await readList(openApp(), `${USERS}?cursor=${cursor}&limit=2&sort=username`);
    expect(new URL(next ?? "", "https://users.test").searchParams.getAll("cursor")).not.toContain(cursor);
    expect(next?.match(/cursor=/g)).toHaveLength(1);
  });

  test.for([9, 10, 100])("is absent on the last page: limit=%i", async (limit, { expect }) => {
    const response = await openApp().request(`${USERS}?limit=${limit}`);
    expect(response.headers.get("Link")).toBeNull();
    expect(await response.json()).toMatchObject({ next_cursor: null });
  });

  test("is on answers to HEAD too", async ({ expect }) => {
    const [head, get] = [
      await openApp().request(`${USERS}?limit=2`, { method: "HEAD" }),
      await openApp().request(`${USERS}?limit=2`),
    ];
    expect(head.headers.get("Link")).toBe(get.headers.get("Link"));
    expect(head.headers.get("Link")).toContain('rel="next"');
  });
});
