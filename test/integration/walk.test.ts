import { setImmediate as breathe } from "node:timers/promises";

import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";

import { USER_SORTS, type UserSort } from "../../src/models/user-list.ts";
import { startStack, type Stack } from "../support/stack.ts";

const USER_COUNT = 10_000;
const PAGE = 100;

let stack: Stack;
let sql: Stack["sql"];

beforeAll(async () => {
  stack = await startStack({ vars: { REQUEST_TIMEOUT_MS: "60000" } });
  ({ sql } = stack);
});

/** Half of the users have a time of their own; the others share one with up to 49 more. Ids say nothing about the order. */
beforeEach(async () => {
  await sql.query("truncate users");
  await sql.query(
    `insert into users (id, username, email, full_name, created_at, updated_at)
     select gen_random_uuid(), name, name || '@example.com', 'Walker', time, time
     from generate_series(1, $1::integer) as place,
       lateral (select substr(md5(place::text), 1, 2) || 'walker' || place as name,
         timestamptz '2026-01-01Z' + interval '1 second' * (case when place % 2 = 0 then place else place / 100 * 100 end) as time)`,
    [USER_COUNT],
  );
});

afterAll(async () => {
  await stack.stop();
});

interface Seen {
  readonly id: string;
  readonly username: string;
  readonly created_at: string;
}

/** Follows the cursors from page to page, and sees that the Link header says the same. Where others change it, something does between any two. */
async function walk(query: string, changed?: () => Promise<void>): Promise<Seen[]> {
  const seen: Seen[] = [];
  let path: string | null = `/api/v1/users?limit=${PAGE}&${query}`;
  while (path !== null) {
    const response = await stack.request(path);
    const page: { data: Seen[]; next_cursor: string | null } = JSON.parse(await response.text());
    seen.push(...page.data);
    const next: string | null = /^<(.+)>; rel="next"$/.exec(response.headers.get("Link") ?? "")?.[1] ?? null;
    const cursor = next === null ? null : new URL(next, stack.url).searchParams.get("cursor");
    if (cursor !== page.next_cursor) throw new Error(`Link names ${cursor}, the body ${page.next_cursor}`);
    path = next;
    await changed?.();
  }
  return seen;
}

/**
 * Inserts, deletes and changes users all over the list while `work` runs, which can wait for the next of each; gives how many of each,
 * so that the machine's speed does not decide how much a walk is disturbed.
 */
async function amidChanges<Result>(
  work: (changed: () => Promise<void>) => Promise<Result>,
): Promise<{ result: Result; changes: number[] }> {
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  const changes = [0, 0, 0];
  let isDone = false;
  let round = Promise.withResolvers<void>();
  const disturb = async (): Promise<void> => {
    for (let turn = 0; !isDone; turn++) {
      for (const [kind, statement] of DISTURBANCES.entries()) {
        const { rowCount } = await client.query(statement, [`${turn}`]);
        changes[kind] = (changes[kind] ?? 0) + (rowCount ?? 0);
      }
      round.resolve();
      round = Promise.withResolvers();
      await breathe();
    }
  };
  try {
    const disturbing = disturb();
    // A failure of theirs is one of the work, which would wait for them in vain.
    const done = work(() => round.promise).finally(() => (isDone = true));
    const [result] = await Promise.all([done, disturbing]);
    return { result, changes };
  } finally {
    await client.end();
  }
}

/** New users come anywhere in every order, at taken times too; old ones go or change from anywhere, newcomers also. */
const DISTURBANCES = [
  `insert into users (id, username, email, full_name, created_at, updated_at)
   select gen_random_uuid(), name, name || '@example.com', 'Newcomer', time, time
   from generate_series(1, 5) as place,
     lateral (select substr(md5($1 || place), 1, 2) || 'newcomer' || $1 || 'x' || place as name,
       timestamptz '2026-01-01Z' + interval '1 second' * floor(random() * ${USER_COUNT}) as time)`,
  `delete from users where id in (select id from users where id > (select gen_random_uuid()) and $1 <> '' order by id limit 3)`,
  `update users set full_name = 'Changed', email = 'changed' || email, version = version + 1, updated_at = now()
   where length(email) < 60 and id in (select id from users where id > (select gen_random_uuid()) and $1 <> '' order by id limit 3)`,
];

async function idsWhere(condition: string): Promise<Set<string>> {
  const { rows } = await sql.query<{ id: string }>(`select id from users where ${condition}`);
  return new Set(rows.map(({ id }) => id));
}

function inBoth(before: ReadonlySet<string>, after: ReadonlySet<string>): string[] {
  return [...before].filter((id) => after.has(id));
}

function isInOrder(seen: readonly Seen[], sort: UserSort): boolean {
  const keyOf = ({ id, username, created_at: time }: Seen): string =>
    sort.endsWith("username") ? username : `${time} ${id}`;
  const keys = seen.map(keyOf);
  if (sort.startsWith("-")) keys.reverse();
  return keys.every((key, place) => place === 0 || (keys[place - 1] ?? "") < key);
}

describe(`A walk over ${USER_COUNT} users, while others come and go`, () => {
  test.for([...USER_SORTS])("sorted by %s, sees every user that stays exactly once", async (sort, { expect }) => {
    const before = await idsWhere("true");
    expect(before.size).toBe(USER_COUNT);
    const { result: seen, changes } = await amidChanges((changed) => walk(`sort=${sort}`, changed));
    const seenIds = new Set(seen.map(({ id }) => id));
    expect(seenIds.size).toBe(seen.length);
    expect(isInOrder(seen, sort)).toBe(true);
    const surviving = inBoth(before, await idsWhere("true"));
    expect(surviving.filter((id) => !seenIds.has(id))).toEqual([]);
    // Without disturbance this would prove nothing.
    expect(Math.min(...changes)).toBeGreaterThan(30);
    expect(surviving.length).toBeLessThan(before.size);
  });

  const from = "2026-01-01T00:25:00.000Z";
  const to = "2026-01-01T02:30:00.000Z";

  test.for([...USER_SORTS])("filtered and sorted by %s, sees who meets the conditions", async (sort, { expect }) => {
    const condition = `username like 'a%' and created_at > '${from}' and created_at < '${to}'`;
    const before = await idsWhere(condition);
    const filters = `username=A&created_after=${from}&created_before=${to}`;
    const { result: seen } = await amidChanges((changed) => walk(`sort=${sort}&${filters}`, changed));
    const seenIds = new Set(seen.map(({ id }) => id));
    expect(seenIds.size).toBe(seen.length);
    expect(isInOrder(seen, sort)).toBe(true);
    expect(inBoth(before, await idsWhere(condition)).filter((id) => !seenIds.has(id))).toEqual([]);
    expect(
      seen.filter(({ username, created_at: time }) => !(username.startsWith("a") && time > from && time < to)),
    ).toEqual([]);
    expect(before.size).toBeGreaterThan(2 * PAGE);
  });

  test("undisturbed, sees the same users in every order", async ({ expect }) => {
    const everybody = [...(await idsWhere("true"))].toSorted();
    for (const sort of USER_SORTS) {
      const seen = await walk(`sort=${sort}`);
      expect(isInOrder(seen, sort)).toBe(true);
      expect(seen.map(({ id }) => id).toSorted()).toEqual(everybody);
    }
  });
});
