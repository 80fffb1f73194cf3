import { describe, test } from "vitest";

import type { Precondition } from "../../src/models/precondition.ts";
import { NO_FILTER, type UserQuery } from "../../src/models/user-list.ts";
import type { User, UserPatch, UserRepository } from "../../src/models/user.ts";
import { createUserService } from "../../src/services/user-service.ts";
import { withContext } from "../support/call-context.ts";
import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { createRecordingUserRepository } from "../support/recording-user-repository.ts";
import { refusalOf } from "../support/refusals.ts";
import { buildUser } from "../support/users.ts";

const NOW = new Date("2026-03-02T08:30:00.456Z");
const ABSENT_ID = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";
const user = buildUser({ version: 3 });

function given(...existing: readonly User[]) {
  return over(createFakeUserRepository(existing));
}

function over(repository: UserRepository) {
  const users = createRecordingUserRepository(repository);
  return {
    users: withContext(users),
    service: withContext(createUserService({ users, now: () => NOW, newId: () => ABSENT_ID })),
  };
}

const MET: readonly Precondition[] = [null, { versions: null }, { versions: [3] }, { versions: [1, 3, 9] }];
const NOT_MET: readonly Precondition[] = [
  { versions: [] },
  { versions: [2] },
  { versions: [4] },
  { versions: [1, 33] },
];
const PATCHES: readonly UserPatch[] = [{ fullName: "Grace" }, {}];

const CHANGES = [
  ...PATCHES.map((patch) => ({
    name: `changing a user by ${JSON.stringify(patch)}`,
    change: (service: ReturnType<typeof given>["service"], id: string, precondition: Precondition) =>
      service.update(id, patch, precondition),
  })),
  {
    name: "deleting a user",
    change: (service: ReturnType<typeof given>["service"], id: string, precondition: Precondition) =>
      service.delete(id, precondition),
  },
] as const;

describe.for(CHANGES)("$name", ({ change }) => {
  test.for(MET)(
    "given version 3, when the precondition is %o, then it is done in one round trip",
    async (met, { expect }) => {
      const { service, users } = given(user);
      await change(service, user.id, met);
      expect(users.calls).toHaveLength(1);
    },
  );

  test.for(NOT_MET)(
    "given version 3, when the precondition is %o, then precondition-failed is raised in one round trip and nothing changes",
    async (notMet, { expect }) => {
      const { service, users } = given(user);
      expect((await refusalOf(change(service, user.id, notMet))).code).toBe("precondition-failed");
      expect(users.calls).toHaveLength(1);
      expect(await service.getById(user.id)).toEqual(user);
    },
  );

  test.for([{ versions: null }, { versions: [3] }, { versions: [] }])(
    "given no such user, when the precondition is %o, then precondition-failed is raised",
    async (precondition, { expect }) => {
      const { service, users } = given();
      expect((await refusalOf(change(service, ABSENT_ID, precondition))).code).toBe("precondition-failed");
      expect(users.calls).toHaveLength(1);
    },
  );

  test("given a precondition that is required and missing, then precondition-required is raised and nobody is asked", async ({
    expect,
  }) => {
    for (const id of [user.id, ABSENT_ID]) {
      const { service, users } = given(user);
      expect((await refusalOf(change(service, id, "missing"))).code).toBe("precondition-required");
      expect(users.calls).toEqual([]);
    }
  });
});

describe("a change that waited for another one", () => {
  const losing = () =>
    over({ ...createFakeUserRepository([user]), update: async () => null, delete: async () => false });

  test("given a precondition, then it failed", async ({ expect }) => {
    const { service } = losing();
    for (const versions of [null, [3]]) {
      const update = service.update(user.id, { fullName: "Grace" }, { versions });
      expect((await refusalOf(update)).code).toBe("precondition-failed");
      expect((await refusalOf(service.delete(user.id, { versions }))).code).toBe("precondition-failed");
    }
  });

  test("given no precondition, then a patch finds no such user and a delete is done", async ({ expect }) => {
    const { service } = losing();
    expect((await refusalOf(service.update(user.id, { fullName: "Grace" }, null))).code).toBe("user-not-found");
    await expect(service.delete(user.id, null)).resolves.toBeUndefined();
  });
});

test("given a field that breaks a rule, then it is told before any precondition, and nobody is asked", async ({
  expect,
}) => {
  for (const precondition of [null, "missing", { versions: [2] }, { versions: [3] }] as const) {
    const { service, users } = given(user);
    expect((await refusalOf(service.update(user.id, { username: "x" }, precondition))).code).toBe("validation-failed");
    expect(users.calls).toEqual([]);
  }
});

test("given filters in upper case, when users are listed, then the repository is asked in lower case", async ({
  expect,
}) => {
  const asked: UserQuery[] = [];
  const { service } = over({
    ...createFakeUserRepository(),
    async list(query) {
      asked.push(query);
      return { items: [], next: null };
    },
  });
  const query: UserQuery = { sort: "username", limit: 7, after: { key: "ada", id: user.id }, filter: NO_FILTER };
  const createdAfter = new Date(0);
  await service.list(query);
  await service.list({ ...query, filter: { ...NO_FILTER, usernamePrefix: "AdA", email: "A@B.IO", createdAfter } });
  const lower = { ...NO_FILTER, usernamePrefix: "ada", email: "a@b.io", createdAfter };
  expect(asked).toEqual([query, { ...query, filter: lower }]);
});
