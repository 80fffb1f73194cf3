import { describe, test } from "vitest";

import type { User } from "../../src/models/user.ts";
import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { createRecordedApp } from "../support/http-fakes.ts";
import { createUser, readPage, USERS } from "../support/http-messages.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";
import { buildUser } from "../support/users.ts";

/** Newest first; every three share their time, so that the id has to decide. */
function buildUsers(count: number): User[] {
  const users = Array.from({ length: count }, (_, i) => {
    const createdAt = new Date(Date.UTC(2026, 0, 1) + Math.floor(i / 3) * 1_000);
    return buildUser({ createdAt, updatedAt: createdAt });
  });
  return users.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1));
}

const idsOf = (users: readonly { readonly id: string }[]) => users.map(({ id }) => id);

/** Follows the Link header to the end, checking each page on the way. */
async function walk({ request }: TestApp, start: string, onPage: (length: number) => Promise<void> = async () => {}) {
  const seen: string[] = [];
  let next: string | undefined = start;
  while (next !== undefined) {
    const response: Response = await request(next);
    const page = await readPage(response);
    next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get("Link") ?? "")?.[1];
    const cursor = next === undefined ? null : new URL(next, "https://users.test").searchParams.get("cursor");
    if (cursor !== page.next_cursor) throw new Error("Link and next_cursor differ");
    seen.push(...idsOf(page.data));
    await onPage(page.data.length);
  }
  return seen;
}

describe("listing users", () => {
  test("without users is an empty last page", async ({ expect }) => {
    const response = await createTestApp().request(USERS);
    expect(response.status).toBe(200);
    expect(await readPage(response)).toEqual({ data: [], next_cursor: null });
    expect(response.headers.get("Link")).toBeNull();
    expect(response.headers.get("ETag")).toBeNull();
  });

  test("shows a user exactly as reading it does", async ({ expect }) => {
    const app = createTestApp();
    const created = await createUser(app);
    expect(await readPage(await app.request(USERS))).toEqual({ data: [created], next_cursor: null });
  });

  test("gives 20 users, newest first, when no limit is asked for", async ({ expect }) => {
    const all = buildUsers(25);
    const { request, users } = createRecordedApp({ users: createFakeUserRepository(all.toReversed()) });
    const response = await request(USERS);
    const page = await readPage(response);
    expect(idsOf(page.data)).toEqual(idsOf(all.slice(0, 20)));
    expect(page.next_cursor).toMatch(/^[A-Za-z0-9_-]{1,256}$/);
    expect(response.headers.get("Link")).toBe(`<${USERS}?cursor=${page.next_cursor}>; rel="next"`);
    expect(users.calls).toEqual(["list"]);
  });

  test.for([1, 2, 99, 100])("gives as many as limit=%i says", async (limit, { expect }) => {
    const all = buildUsers(101);
    const { request } = createTestApp({ users: createFakeUserRepository(all) });
    const page = await readPage(await request(`${USERS}?limit=${limit}`));
    expect(idsOf(page.data)).toEqual(idsOf(all.slice(0, limit)));
    expect(page.next_cursor).not.toBeNull();
  });

  test("a page that takes in the last user has no next one, even when it is full", async ({ expect }) => {
    const { request } = createTestApp({ users: createFakeUserRepository(buildUsers(5)) });
    const response = await request(`${USERS}?limit=5`);
    expect((await readPage(response)).next_cursor).toBeNull();
    expect(response.headers.get("Link")).toBeNull();
  });

  test.for([1, 2, 3, 7, 100])("a walk in pages of %i sees every user once, in order", async (limit, { expect }) => {
    const all = buildUsers(20);
    const app = createTestApp({ users: createFakeUserRepository(all) });
    const lengths: number[] = [];
    const seen = await walk(app, `${USERS}?limit=${limit}`, async (length) => void lengths.push(length));
    expect(seen).toEqual(idsOf(all));
    expect(lengths).toHaveLength(Math.ceil(20 / limit));
  });

  test("a walk misses and repeats nothing while users come and go", async ({ expect }) => {
    const all = buildUsers(30);
    const victims = all.filter((_, place) => place % 5 === 4);
    const app = createTestApp({ users: createFakeUserRepository(all) });
    const seen = await walk(app, `${USERS}?limit=4`, async () => {
      await createUser(app);
      const victim = victims.shift();
      if (victim !== undefined) await app.request(`${USERS}/id/${victim.id}`, { method: "DELETE" });
    });
    const survivors = idsOf(all.filter((_, place) => place % 5 !== 4));
    expect(seen.filter((id) => survivors.includes(id))).toEqual(survivors);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test("a cursor goes on behind a user that was deleted meanwhile", async ({ expect }) => {
    const all = buildUsers(6);
    const { request } = createTestApp({ users: createFakeUserRepository(all) });
    const { next_cursor: cursor } = await readPage(await request(`${USERS}?limit=3`));
    await request(`${USERS}/id/${all[2]?.id}`, { method: "DELETE" });
    const page = await readPage(await request(`${USERS}?limit=3&cursor=${cursor}`));
    expect(idsOf(page.data)).toEqual(idsOf(all.slice(3)));
  });

  test("a cursor may be used again, and with another limit", async ({ expect }) => {
    const all = buildUsers(6);
    const { request } = createTestApp({ users: createFakeUserRepository(all) });
    const { next_cursor: cursor } = await readPage(await request(`${USERS}?limit=2`));
    for (const limit of [1, 3, 1]) {
      const page = await readPage(await request(`${USERS}?cursor=${cursor}&limit=${limit}`));
      expect(idsOf(page.data)).toEqual(idsOf(all.slice(2, 2 + limit)));
    }
  });
});
