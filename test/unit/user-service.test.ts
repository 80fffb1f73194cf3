import { describe, test } from "vitest";

import { AppError } from "../../src/models/errors.ts";
import { NO_FILTER, type UserQuery } from "../../src/models/user-list.ts";
import type { User, UserInput, UserPatch } from "../../src/models/user.ts";
import { createUserService } from "../../src/services/user-service.ts";
import { withContext } from "../support/call-context.ts";
import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { createRecordingUserRepository } from "../support/recording-user-repository.ts";
import { refusalOf } from "../support/refusals.ts";
import { buildUser } from "../support/users.ts";

const NOW = new Date("2026-03-02T08:30:00.456Z");
const ID = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";

/** The service over the given users, with a stopped clock and a fixed id, and a record of its round trips. */
function given(...existing: readonly User[]) {
  const users = createRecordingUserRepository(createFakeUserRepository(existing));
  const used = { clock: 0, ids: 0 };
  const service = createUserService({
    users,
    now: () => {
      used.clock++;
      return NOW;
    },
    newId: () => {
      used.ids++;
      return ID;
    },
  });
  return { service: withContext(service), users: withContext(users), used };
}

const query = (parts: Partial<UserQuery>): UserQuery => ({
  sort: "-created_at",
  filter: NO_FILTER,
  limit: 20,
  after: null,
  ...parts,
});

const inputOf = (overrides: Partial<UserInput> = {}): UserInput => ({
  username: "adalovelace",
  email: "ada@example.com",
  fullName: "Ada Lovelace",
  ...overrides,
});

describe("creating a user", () => {
  test("given a valid input, when a user is created, then it has the injected id and time, and version 1", async ({
    expect,
  }) => {
    const { service, used } = given();
    expect(await service.create(inputOf())).toEqual({
      ...inputOf(),
      id: ID,
      createdAt: NOW,
      updatedAt: NOW,
      version: 1,
    });
    expect(used).toEqual({ clock: 1, ids: 1 });
  });

  test("given upper case, spaces and a decomposed name, when a user is created, then its normal form is stored", async ({
    expect,
  }) => {
    const { service } = given();
    await service.create({ username: "JDoe42", email: "J.Doe@Example.COM", fullName: "  Zoe\u0308  O’Neill " });
    expect(await service.getById(ID)).toMatchObject({
      username: "jdoe42",
      email: "j.doe@example.com",
      fullName: "Zo\u00eb  O’Neill",
    });
  });

  test("given a valid input, when a user is created, then the database is asked once", async ({ expect }) => {
    const { service, users } = given();
    await service.create(inputOf());
    expect(users.calls).toEqual(["insert"]);
  });

  test("given three bad fields, when a user is created, then every issue is reported at once and nothing is asked or made", async ({
    expect,
  }) => {
    const { service, users, used } = given();
    const refusal = await refusalOf(service.create({ username: "no", email: "nobody", fullName: "R2/D2" }));
    expect(refusal.code).toBe("validation-failed");
    expect(refusal.issues.map(({ field, code }) => [field, code])).toEqual([
      ["username", "too_short"],
      ["email", "invalid_format"],
      ["full_name", "invalid_format"],
    ]);
    expect(users.calls).toEqual([]);
    expect(used).toEqual({ clock: 0, ids: 0 });
  });

  test("given a rejected value, when a user is created, then no sentence repeats it", async ({ expect }) => {
    const { service } = given();
    const refusal = await refusalOf(
      service.create({ username: "<mallory>", email: "<mallory>", fullName: "<mallory>" }),
    );
    expect(refusal.issues).toHaveLength(3);
    expect(JSON.stringify(refusal.issues) + refusal.message).not.toContain("mallory");
  });

  test.for<[string, Partial<UserInput>, string]>([
    ["username", { username: "" }, "too_short"],
    ["username", { username: "a".repeat(51) }, "too_long"],
    ["username", { username: "a_b" }, "invalid_format"],
    ["email", { email: "" }, "too_short"],
    ["email", { email: `ada@${"a".repeat(50)}.${"b".repeat(50)}.org` }, "too_long"],
    ["email", { email: " ada@example.com" }, "invalid_format"],
    ["full_name", { fullName: " \u00a0\t\n " }, "too_short"],
    ["full_name", { fullName: "a".repeat(101) }, "too_long"],
    ["full_name", { fullName: "Ada\tLovelace" }, "invalid_format"],
  ])(
    "given a bad %s (%j), when a user is created, then exactly that field is refused as %s",
    async ([field, bad, code], { expect }) => {
      const { service, users } = given();
      const refusal = await refusalOf(service.create(inputOf(bad)));
      expect(refusal.issues.map((issue) => [issue.field, issue.code])).toEqual([[field, code]]);
      expect(users.calls).toEqual([]);
    },
  );

  test.for([
    ["the Kelvin sign, whose lower case is k", "\u212Aelvin"],
    ["a dotted capital I, whose lower case is i and a mark", "\u0130van"],
    ["full-width letters", "\uFF21\uFF22\uFF23"],
  ])(
    "given a username with %s, when a user is created, then lower-casing does not smuggle it in",
    async ([, username = ""], { expect }) => {
      const { service } = given();
      const refusal = await refusalOf(service.create(inputOf({ username, email: `${username}@example.com` })));
      expect(refusal.issues.map(({ field }) => field)).toEqual(["username", "email"]);
    },
  );

  test("given a name of 100 letters in 200 code points, when a user is created, then the composed length counts", async ({
    expect,
  }) => {
    const { service } = given();
    expect(await service.create(inputOf({ fullName: "e\u0301".repeat(100) }))).toMatchObject({
      fullName: "\u00e9".repeat(100),
    });
  });

  test("given a name that normalisation makes longer than 100, when a user is created, then it is refused", async ({
    expect,
  }) => {
    const { service } = given();
    const refusal = await refusalOf(service.create(inputOf({ fullName: "\u0958".repeat(51) })));
    expect(refusal.issues).toMatchObject([{ field: "full_name", code: "too_long" }]);
  });

  test("given a taken username, when a user is created, then username-taken is raised and nothing is stored", async ({
    expect,
  }) => {
    const taken = buildUser({ username: "adalovelace" });
    const { service } = given(taken);
    expect((await refusalOf(service.create(inputOf({ username: "AdaLovelace" })))).code).toBe("username-taken");
    expect((await service.list(query({ limit: 10 }))).items).toEqual([taken]);
  });

  test("given a taken email, when a user is created, then email-taken is raised and nothing is stored", async ({
    expect,
  }) => {
    const taken = buildUser({ email: "ada@example.com" });
    const { service } = given(taken);
    expect((await refusalOf(service.create(inputOf({ email: "ADA@example.com" })))).code).toBe("email-taken");
    expect((await service.list(query({ limit: 10 }))).items).toEqual([taken]);
  });

  test("given an input with fields that clients do not own, when a user is created, then they are ignored", async ({
    expect,
  }) => {
    const { service } = given();
    const input = { ...inputOf(), id: "chosen", version: 99, createdAt: new Date(0), isAdmin: true };
    const user = await service.create(input);
    expect(user).toEqual({ ...inputOf(), id: ID, createdAt: NOW, updatedAt: NOW, version: 1 });
    expect(Object.keys(user)).not.toContain("isAdmin");
  });

  test("given a database that is down, when a user is created, then the caller gets that very failure", async ({
    expect,
  }) => {
    const failure = new AppError("database-unavailable");
    const users = { ...createFakeUserRepository(), insert: () => Promise.reject(failure) };
    const service = withContext(createUserService({ users, now: () => NOW, newId: () => ID }));
    expect(await refusalOf(service.create(inputOf()))).toBe(failure);
  });
});

describe("reading a user", () => {
  test("given a user, when it is read by id, then it is returned as stored, in one round trip", async ({ expect }) => {
    const user = buildUser();
    const { service, users } = given(user, buildUser());
    expect(await service.getById(user.id)).toEqual(user);
    expect(users.calls).toEqual(["findById"]);
  });

  test("given no such user, when one is read by id, then user-not-found is raised", async ({ expect }) => {
    const { service } = given(buildUser());
    expect((await refusalOf(service.getById(ID))).code).toBe("user-not-found");
  });

  test("given a user, when it is read by its username in another case, then it is found in one round trip", async ({
    expect,
  }) => {
    const user = buildUser({ username: "gracehopper" });
    const { service, users } = given(user);
    expect(await service.getByUsername("GraceHopper")).toEqual(user);
    expect(users.calls).toEqual(["findByUsername"]);
  });

  test("given no such user, when one is read by username, then user-not-found is raised", async ({ expect }) => {
    const { service } = given(buildUser());
    expect((await refusalOf(service.getByUsername("nobody"))).code).toBe("user-not-found");
  });

  test.for(["", "ab", "a".repeat(51), "\u0000abc", "gr\u00e1ce", "a b c", "\ud800abc"])(
    "given a username that cannot exist (%j), when it is looked up, then it is refused without asking",
    async (username, { expect }) => {
      const { service, users } = given();
      const refusal = await refusalOf(service.getByUsername(username));
      expect(refusal).toMatchObject({ code: "validation-failed", issues: [{ field: "username" }] });
      expect(users.calls).toEqual([]);
    },
  );

  test("given users, when they are listed, then the page is the repository's, from one round trip", async ({
    expect,
  }) => {
    const older = buildUser({ createdAt: new Date("2026-01-01T00:00:00Z") });
    const newer = buildUser({ createdAt: new Date("2026-01-02T00:00:00Z") });
    const { service, users } = given(older, newer);
    const first = await service.list(query({ limit: 1 }));
    expect(first).toEqual({ items: [newer], next: { key: "2026-01-02T00:00:00.000Z", id: newer.id } });
    expect(await service.list(query({ limit: 1, after: first.next }))).toEqual({ items: [older], next: null });
    expect(users.calls).toEqual(["list", "list"]);
  });
});

describe("changing a user", () => {
  const user = buildUser();

  test("given a user, when some fields are changed, then they are normalised and the others are kept", async ({
    expect,
  }) => {
    const { service, users } = given(user);
    const changed = await service.update(user.id, { email: "New@Example.ORG", fullName: " Grace\u0301 " }, null);
    expect(changed).toEqual({
      ...user,
      email: "new@example.org",
      fullName: "Grac\u00e9",
      updatedAt: NOW,
      version: user.version + 1,
    });
    expect(users.calls).toEqual(["update"]);
  });

  test("given a user, when its username is changed, then it is stored in lower case", async ({ expect }) => {
    const { service } = given(user);
    expect(await service.update(user.id, { username: "NewName" }, null)).toMatchObject({ username: "newname" });
  });

  test.for<[string, UserPatch]>([
    ["without fields", {}],
    ["of undefined fields", { username: undefined, email: undefined, fullName: undefined }],
  ])(
    "given a user, when a patch %s is applied, then it is returned unchanged by one read and no write",
    async ([, patch], { expect }) => {
      const { service, users } = given(user);
      expect(await service.update(user.id, patch, null)).toEqual(user);
      expect(users.calls).toEqual(["findById"]);
    },
  );

  test.for<UserPatch>([{}, { fullName: "Nobody" }])(
    "given no such user, when a patch (%j) is applied, then user-not-found is raised in one round trip",
    async (patch, { expect }) => {
      const { service, users } = given();
      expect((await refusalOf(service.update(ID, patch, null))).code).toBe("user-not-found");
      expect(users.calls).toHaveLength(1);
    },
  );

  test("given three bad fields, when a patch is applied, then every issue is reported at once and nothing is asked", async ({
    expect,
  }) => {
    const { service, users } = given(user);
    const refusal = await refusalOf(
      service.update(user.id, { username: "a".repeat(51), email: "@", fullName: "" }, null),
    );
    expect(refusal.issues.map(({ field, code }) => [field, code])).toEqual([
      ["username", "too_long"],
      ["email", "invalid_format"],
      ["full_name", "too_short"],
    ]);
    expect(users.calls).toEqual([]);
  });

  test("given an empty text, when a patch is applied, then it is a bad value and not an absent field", async ({
    expect,
  }) => {
    const { service } = given(user);
    const refusal = await refusalOf(service.update(user.id, { username: "", email: "", fullName: "" }, null));
    expect(refusal.issues.map(({ code }) => code)).toEqual(["too_short", "too_short", "too_short"]);
  });

  test.for<[string, string, (other: User) => UserPatch]>([
    ["username", "username-taken", ({ username }) => ({ username: username.toUpperCase() })],
    ["email", "email-taken", ({ email }) => ({ email: email.toUpperCase() })],
  ])(
    "given a taken %s, when a user is changed to it, then %s is raised and nothing changes",
    async ([, code, patchOf], { expect }) => {
      const other = buildUser();
      const { service } = given(user, other);
      expect((await refusalOf(service.update(user.id, patchOf(other), null))).code).toBe(code);
      expect(await service.getById(user.id)).toEqual(user);
    },
  );

  test("given a user, when it is changed to its own username and email, then that is no conflict", async ({
    expect,
  }) => {
    const { service } = given(user);
    const { username, email } = user;
    expect(await service.update(user.id, { username, email }, null)).toMatchObject({ username, email, version: 2 });
  });

  test("given a patch with fields that clients do not own, when it is applied, then the repository never sees them", async ({
    expect,
  }) => {
    const { service, users } = given(user);
    const patch = {
      fullName: "Grace",
      id: ID,
      version: 99,
      createdAt: new Date(0),
      updatedAt: new Date(0),
      isAdmin: true,
    };
    await service.update(user.id, patch, null);
    expect(users.changes).toEqual([{ fullName: "Grace", updatedAt: NOW }]);
    expect(await service.getById(user.id)).toMatchObject({ id: user.id, createdAt: user.createdAt, version: 2 });
  });
});

describe("deleting a user", () => {
  test("given a user, when it is deleted twice, then both succeed, it is gone, and others stay", async ({ expect }) => {
    const [user, other] = [buildUser(), buildUser()];
    const { service, users } = given(user, other);
    await expect(service.delete(user.id, null)).resolves.toBeUndefined();
    await expect(service.delete(user.id, null)).resolves.toBeUndefined();
    expect(users.calls).toEqual(["delete", "delete"]);
    expect((await refusalOf(service.getById(user.id))).code).toBe("user-not-found");
    expect(await service.getById(other.id)).toEqual(other);
  });
});
