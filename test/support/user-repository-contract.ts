import { describe, test } from "vitest";

import type { PagePosition } from "../../src/models/page.ts";
import type { User, UserRepository } from "../../src/models/user.ts";
import { buildUser } from "./users.ts";

/** Gives an empty repository, and what to do when the test is over. */
export type OpenRepository = () => Promise<UserRepository>;

/** What every user repository promises; run for the fake and for PostgreSQL. */
export function describeUserRepository(name: string, open: OpenRepository): void {
  describe(`${name} keeps the contract of user repositories`, () => {
    test("an inserted user is returned and found as it was given", async ({ expect }) => {
      const users = await open();
      const user = buildUser({ fullName: "Zoë O’Neill-Ångström" });
      expect(await users.insert(user)).toEqual(user);
      expect(await users.findById(user.id)).toEqual(user);
      expect(await users.findByUsername(user.username)).toEqual(user);
    });

    test("an unknown user is null, not an error", async ({ expect }) => {
      const users = await open();
      const { id, username } = buildUser();
      expect(await users.findById(id)).toBeNull();
      expect(await users.findByUsername(username)).toBeNull();
      expect(await users.update(id, { fullName: "Nobody", updatedAt: new Date() })).toBeNull();
      await expect(users.delete(id)).resolves.toBeUndefined();
    });

    test("a taken username refuses an insert and keeps the first user", async ({ expect }) => {
      const users = await open();
      const first = await users.insert(buildUser());
      const second = buildUser({ username: first.username });
      await expect(users.insert(second)).rejects.toMatchObject({ code: "username-taken" });
      expect(await users.findById(second.id)).toBeNull();
      expect(await users.findByUsername(first.username)).toEqual(first);
    });

    test("a taken email refuses an insert", async ({ expect }) => {
      const users = await open();
      const { email } = await users.insert(buildUser());
      await expect(users.insert(buildUser({ email }))).rejects.toMatchObject({ code: "email-taken" });
    });

    test("an update changes the given fields, the time and the version, and keeps the rest", async ({ expect }) => {
      const users = await open();
      const user = await users.insert(buildUser());
      const updatedAt = new Date(user.updatedAt.getTime() + 1_500);
      const changed = await users.update(user.id, { fullName: "Grace Hopper", updatedAt });
      expect(changed).toEqual({ ...user, fullName: "Grace Hopper", updatedAt, version: 2 });
      expect(await users.findById(user.id)).toEqual(changed);
    });

    test("an update by a clock that is behind never moves the time of change back", async ({ expect }) => {
      const users = await open();
      const user = await users.insert(buildUser());
      const changed = await users.update(user.id, { fullName: "Grace Hopper", updatedAt: new Date(0) });
      expect(changed?.updatedAt).toEqual(user.updatedAt);
    });

    test("an update to a taken username or email is refused and changes nothing", async ({ expect }) => {
      const users = await open();
      const [first, second] = [await users.insert(buildUser()), await users.insert(buildUser())];
      const updatedAt = new Date();
      await expect(users.update(second.id, { username: first.username, updatedAt })).rejects.toMatchObject({
        code: "username-taken",
      });
      await expect(users.update(second.id, { email: first.email, updatedAt })).rejects.toMatchObject({
        code: "email-taken",
      });
      expect(await users.findById(second.id)).toEqual(second);
    });

    test("an update to the user's own username and email is no conflict", async ({ expect }) => {
      const users = await open();
      const { id, username, email } = await users.insert(buildUser());
      expect(await users.update(id, { username, email, updatedAt: new Date() })).toMatchObject({
        username,
        email,
        version: 2,
      });
    });

    test("a deleted user is gone, and deleting it again succeeds", async ({ expect }) => {
      const users = await open();
      const user = await users.insert(buildUser());
      await users.delete(user.id);
      await users.delete(user.id);
      expect(await users.findById(user.id)).toBeNull();
    });

    test("a deleted user's username and email are free again", async ({ expect }) => {
      const users = await open();
      const user = await users.insert(buildUser());
      await users.delete(user.id);
      const successor = buildUser({ username: user.username, email: user.email });
      expect(await users.insert(successor)).toEqual(successor);
    });

    test("a list is ordered newest first, then by id, and says when it ends", async ({ expect }) => {
      const users = await open();
      const seeded = await insertMany(users, 7);
      const page = await users.list({ limit: 7, after: null });
      expect(page.items.map(({ id }) => id)).toEqual(seeded.toSorted(newestFirst).map(({ id }) => id));
      expect(page.next).toBeNull();
    });

    test("an empty list has no items and no next page", async ({ expect }) => {
      const users = await open();
      expect(await users.list({ limit: 5, after: null })).toEqual({ items: [], next: null });
    });

    test.for([1, 2, 3, 7])("a walk in pages of %i sees every user once, in order", async (limit, { expect }) => {
      const users = await open();
      const seeded = await insertMany(users, 7);
      expect(await walk(users, limit)).toEqual(seeded.toSorted(newestFirst).map(({ id }) => id));
    });

    test("a walk sees what was there throughout exactly once, whatever comes and goes meanwhile", async ({
      expect,
    }) => {
      const users = await open();
      const seeded = (await insertMany(users, 12)).toSorted(newestFirst);
      const removed = seeded.filter((_, place) => place % 4 === 3);
      const seen = await walk(users, 3, async () => {
        await users.insert(buildUser({ createdAt: new Date(), updatedAt: new Date() }));
        const victim = removed.shift();
        if (victim !== undefined) await users.delete(victim.id);
      });
      const surviving = seeded.filter((_, place) => place % 4 !== 3).map(({ id }) => id);
      expect(seen.filter((id) => surviving.includes(id))).toEqual(surviving);
      expect(new Set(seen).size).toBe(seen.length);
    });
  });
}

/** Users in pairs of the same time, so that the id decides. */
async function insertMany(users: UserRepository, count: number): Promise<User[]> {
  const start = Date.parse("2026-03-01T12:00:00.000Z");
  const made: User[] = [];
  for (let i = 0; i < count; i++) {
    const createdAt = new Date(start + Math.floor(i / 2) * 1_000);
    made.push(await users.insert(buildUser({ createdAt, updatedAt: createdAt })));
  }
  return made;
}

async function walk(
  users: UserRepository,
  limit: number,
  between: () => Promise<void> = async () => {},
): Promise<string[]> {
  const seen: string[] = [];
  let after: PagePosition | null = null;
  do {
    const page: Awaited<ReturnType<UserRepository["list"]>> = await users.list({ limit, after });
    seen.push(...page.items.map(({ id }) => id));
    after = page.next;
    await between();
  } while (after !== null);
  return seen;
}

function newestFirst(left: User, right: User): number {
  return right.createdAt.getTime() - left.createdAt.getTime() || (left.id < right.id ? 1 : -1);
}
