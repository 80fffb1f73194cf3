import type { Check, CheckContext } from "../check.ts";
import type { SmokeClient } from "../client.ts";
import { CheckFailure, expectAnswer, expectEqual, expectTrue, memberOf } from "../expectations.ts";
import { toUser, USERS, type UserBody } from "../test-users.ts";

interface UserPage {
  readonly users: readonly UserBody[];
  readonly nextCursor: string | null;
}

/** The users of this run are the newest; strangers may add some meanwhile, but not this many pages of them. */
const MAX_PAGES = 50;

export const USER_LIST_CHECKS: readonly Check[] = [
  {
    name: "list: GET answers 200 with at most 20 users, newest first",
    async run({ client }) {
      const { users } = await readPage(client, USERS);
      expectTrue("at most 20 users", users.length <= 20);
      const times = users.map(({ created_at }) => Date.parse(created_at));
      expectEqual(
        "order of created_at",
        times,
        times.toSorted((left, right) => right - left),
      );
    },
  },
  {
    name: "list: limit bounds the page, 1 and 100 included",
    async run({ client }) {
      for (const limit of [1, 100]) {
        const { users } = await readPage(client, `${USERS}?limit=${limit}`);
        expectTrue(`at most ${limit} users`, users.length <= limit);
      }
    },
  },
  {
    name: "list: a walk along next_cursor meets every user exactly once",
    mayWrite: true,
    async run(context) {
      const created = [await context.users.create(), await context.users.create(), await context.users.create()];
      const wanted = created.map(({ id }) => id).toReversed();
      const seen = await walk(context, wanted);
      expectEqual("users met twice", seen.length - new Set(seen).size, 0);
      expectEqual(
        "users of this run in the order met",
        seen.filter((id) => wanted.includes(id)),
        wanted,
      );
    },
  },
  {
    name: "list: the second page goes on where the first one ends",
    async run({ client }) {
      const first = await readPage(client, `${USERS}?limit=1`);
      if (first.nextCursor === null) return;
      const second = await readPage(client, `${USERS}?limit=1&cursor=${first.nextCursor}`);
      expectTrue("another user on the second page", first.users[0]?.id !== second.users[0]?.id);
    },
  },
];

/** Goes two users at a time until all wanted ones were met, and one page further: that may not bring them again. */
async function walk({ client }: CheckContext, wanted: readonly string[]): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | null = null;
  let isComplete = false;
  for (let page = 0; page < MAX_PAGES && !isComplete; page++) {
    isComplete = wanted.every((id) => seen.includes(id));
    const next: UserPage = await readPage(client, `${USERS}?limit=2${cursor === null ? "" : `&cursor=${cursor}`}`);
    seen.push(...next.users.map(({ id }) => id));
    cursor = next.nextCursor;
    if (cursor === null) return seen;
  }
  return seen;
}

/** Reads a page and holds it to the contract: its shape, and a Link that says the same as `next_cursor`. */
async function readPage(client: SmokeClient, target: string): Promise<UserPage> {
  const answer = await client.send("GET", target);
  const headers = { "Content-Type": "application/json", "Cache-Control": "private, no-cache" };
  expectAnswer(answer, { status: 200, headers });
  const data = memberOf(answer.json, "data");
  const nextCursor = memberOf(answer.json, "next_cursor");
  if (!Array.isArray(data)) throw new CheckFailure([`GET ${target}: expected data to be a list`]);
  if (nextCursor !== null && typeof nextCursor !== "string") {
    throw new CheckFailure([`GET ${target}: expected next_cursor to be a text or null`]);
  }
  expectEqual("cursor in Link", cursorOf(answer.headers.get("Link")), nextCursor);
  return { users: data.map(toUser), nextCursor };
}

function cursorOf(link: string | null): string | null {
  const [, target] = /^<([^>]+)>; rel="next"$/.exec(link ?? "") ?? [];
  return target === undefined ? null : new URL(target, "http://origin.invalid").searchParams.get("cursor");
}
