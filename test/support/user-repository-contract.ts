import { describe, test } from "vitest";

import type { UserRepository } from "../../src/models/user.ts";
import { withContext } from "./call-context.ts";
import { buildUser } from "./users.ts";

/** Gives an empty repository, and what to do when the test is over. */
export type OpenRepository = () => Promise<UserRepository>;

/** What every user repository promises; run for the fake and for PostgreSQL. */
export function describeUserRepository(name: string, open: OpenRepository): void {
  describe(`${name} keeps the contract of user repositories`, () => {
    test("an inserted user is returned and found as it was given", async ({ expect }) => {
      const users = withContext(await open());
      const user = buildUser({ fullName: "Zoë O’Neill-Ångström" });
      expect(await users.insert(user)).toEqual(user);
      expect(await users.findById(user.id)).toEqual(user);
      expect(await users.findByUsername(user.username)).toEqual(user);
    });

    test("an unknown user is told apart, and is no error", async ({ expect }) => {
      const users = withContext(await open());
      const { id, username } = buildUser();
      expect(await users.findById(id)).toBeNull();
      expect(await users.findByUsername(username)).toBeNull();
      expect(await users.update(id, { fullName: "Nobody", updatedAt: new Date() }, null)).toBeNull();
      expect(await users.update(id, { fullName: "Nobody", updatedAt: new Date() }, [1])).toBeNull();
      expect(await users.delete(id, null)).toBe(false);
      expect(await users.delete(id, [1])).toBe(false);
    });

    test("a taken username refuses an insert and keeps the first user", async ({ expect }) => {
      const users = withContext(await open());
      const first = await users.insert(buildUser());
      const second = buildUser({ username: first.username });
      await expect(users.insert(second)).rejects.toMatchObject({ code: "username-taken" });
      expect(await users.findById(second.id)).toBeNull();
      expect(await users.findByUsername(first.username)).toEqual(first);
    });

    test("a taken email refuses an insert", async ({ expect }) => {
      const users = withContext(await open());
      const { email } = await users.insert(buildUser());
      await expect(users.insert(buildUser({ email }))).rejects.toMatchObject({ code: "email-taken" });
    });

    test("an update changes the given fields, the time and the version, and keeps the rest", async ({ expect }) => {
      const users = withContext(await open());
      const user = await users.insert(buildUser());
      const updatedAt = new Date(user.updatedAt.getTime() + 1_500);
      const changed = await users.update(user.id, { fullName: "Grace Hopper", updatedAt }, null);
      const expected = { ...user, fullName: "Grace Hopper", updatedAt, version: 2 };
      expect(changed).toEqual(expected);
      expect(await users.findById(user.id)).toEqual(expected);
    });

    test("an update by a clock that is behind never moves the time of change back", async ({ expect }) => {
      const users = withContext(await open());
      const user = await users.insert(buildUser());
      const changed = await users.update(user.id, { fullName: "Grace Hopper", updatedAt: new Date(0) }, null);
      expect(changed).toMatchObject({ updatedAt: user.updatedAt });
    });

    test("an update to a taken username or email is refused and changes nothing", async ({ expect }) => {
      const users = withContext(await open());
      const [first, second] = [await users.insert(buildUser()), await users.insert(buildUser())];
      const updatedAt = new Date();
      await expect(users.update(second.id, { username: first.username, updatedAt }, null)).rejects.toMatchObject({
        code: "username-taken",
      });
      await expect(users.update(second.id, { email: first.email, updatedAt }, null)).rejects.toMatchObject({
        code: "email-taken",
      });
      expect(await users.findById(second.id)).toEqual(second);
    });

    test("an update to the user's own username and email is no conflict", async ({ expect }) => {
      const users = withContext(await open());
      const { id, username, email } = await users.insert(buildUser());
      expect(await users.update(id, { username, email, updatedAt: new Date() }, null)).toMatchObject({
        username,
        email,
        version: 2,
      });
    });

    test("a deleted user is gone, and deleting it again is no error", async ({ expect }) => {
      const users = withContext(await open());
      const user = await users.insert(buildUser());
      await users.delete(user.id, null);
      await users.delete(user.id, null);
      expect(await users.findById(user.id)).toBeNull();
    });

    test("a deleted user's username and email are free again", async ({ expect }) => {
      const users = withContext(await open());
      const user = await users.insert(buildUser());
      await users.delete(user.id, null);
      const successor = buildUser({ username: user.username, email: user.email });
      expect(await users.insert(successor)).toEqual(successor);
    });

    test("a change from an expected version is made, from another one it is not", async ({ expect }) => {
      const users = withContext(await open());
      const user = await users.insert(buildUser());
      const change = { fullName: "Grace Hopper", updatedAt: new Date() };
      expect(await users.update(user.id, change, [])).toBeNull();
      expect(await users.update(user.id, change, [2, 3])).toBeNull();
      expect(await users.findById(user.id)).toEqual(user);
      expect(await users.update(user.id, change, [7, 1])).toMatchObject({ version: 2 });
      expect(await users.update(user.id, change, [1])).toBeNull();
    });

    test("a user of another version than expected is not deleted", async ({ expect }) => {
      const users = withContext(await open());
      const user = await users.insert(buildUser());
      expect(await users.delete(user.id, [2])).toBe(false);
      expect(await users.findById(user.id)).toEqual(user);
      expect(await users.delete(user.id, [1])).toBe(true);
      expect(await users.findById(user.id)).toBeNull();
    });
  });
}
