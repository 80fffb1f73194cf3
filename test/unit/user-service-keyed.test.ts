import { describe, test } from "vitest";

import { AppError, type ErrorCode } from "../../src/models/errors.ts";
import type { IdempotencyClaim, IdempotencyRecord } from "../../src/models/idempotency.ts";
import type { User, UserRepository } from "../../src/models/user.ts";
import { createUserService, type CreationResponse } from "../../src/services/user-service.ts";
import { withContext } from "../support/call-context.ts";
import { createFakeUserRepository } from "../support/fake-user-repository.ts";
import { createRecordingUserRepository } from "../support/recording-user-repository.ts";
import { refusalOf } from "../support/refusals.ts";
import { buildUser } from "../support/users.ts";

const START = Date.parse("2026-03-02T08:30:00.456Z");
const DAY_MS = 24 * 60 * 60 * 1_000;
const ADA = { username: "adalovelace", email: "ada@example.com", fullName: "Ada Lovelace" };
const GRACE = { username: "gracehopper", email: "grace@example.com", fullName: "Grace Hopper" };

/** The service with a clock that tests set, and ids that differ. */
function given(repository: UserRepository = createFakeUserRepository()) {
  const users = createRecordingUserRepository(repository);
  const time = { now: START };
  const service = withContext(createUserService({ users, now: () => new Date(time.now), newId: () => buildUser().id }));
  return { users: withContext(users), time, service };
}

const claim = (overrides: Partial<IdempotencyClaim> = {}): IdempotencyClaim => ({
  caller: "alice",
  key: "k1",
  requestHash: "hash",
  ...overrides,
});

const CREATED: CreationResponse = { status: 201, serialize: ({ id, username }) => `${id} ${username}` };

describe("creating a user once", () => {
  test("given a new key, then the user is made and its response is given, in one round trip", async ({ expect }) => {
    const { service, users } = given();
    const response = await service.createOnce({ ...ADA, username: "AdaLovelace" }, claim(), CREATED);
    const user = await users.findByUsername("adalovelace");
    expect(response).toEqual({ status: 201, body: `${user?.id} adalovelace`, isReplay: false });
    expect(user).toEqual({ ...ADA, id: user?.id, createdAt: new Date(START), updatedAt: new Date(START), version: 1 });
    expect(users.calls).toEqual(["insertOnce", "findByUsername"]);
  });

  test("given the same request again, then the first response is given word for word and nobody is made", async ({
    expect,
  }) => {
    const { service, users, time } = given();
    const first = await service.createOnce(ADA, claim(), CREATED);
    time.now += 1_000;
    const again = await service.createOnce(ADA, claim(), { status: 200, serialize: () => "another response" });
    expect(again).toEqual({ status: 201, body: first.body, isReplay: true });
    expect(users.calls).toEqual(["insertOnce", "insertOnce"]);
  });

  test("given the key of another request, then idempotency-key-reused is raised and nobody is made", async ({
    expect,
  }) => {
    const { service, users } = given();
    await service.createOnce(ADA, claim(), CREATED);
    expect((await refusalOf(service.createOnce(GRACE, claim({ requestHash: "other" }), CREATED))).code).toBe(
      "idempotency-key-reused",
    );
    expect(await users.findByUsername("gracehopper")).toBeNull();
  });

  test("given the key of another caller, then both are made", async ({ expect }) => {
    const { service } = given();
    await service.createOnce(ADA, claim(), CREATED);
    expect(await service.createOnce(GRACE, claim({ caller: "bob" }), CREATED)).toMatchObject({ isReplay: false });
  });

  test("given a key of almost 24 hours ago, then it is a replay; a millisecond later it is a new one", async ({
    expect,
  }) => {
    const { service, time } = given();
    await service.createOnce(ADA, claim(), CREATED);
    time.now = START + DAY_MS - 1;
    expect(await service.createOnce(ADA, claim(), CREATED)).toMatchObject({ isReplay: true });
    time.now = START + DAY_MS;
    expect(await service.createOnce(GRACE, claim({ requestHash: "other" }), CREATED)).toMatchObject({
      isReplay: false,
    });
  });

  test("given a claim, then the repository gets all of it, with the response and its time", async ({ expect }) => {
    const asked: [User, IdempotencyRecord][] = [];
    const { service } = given({
      ...createFakeUserRepository(),
      async insertOnce(user, record) {
        asked.push([user, record]);
        return { status: 201, body: "", isReplay: false };
      },
    });
    await service.createOnce(ADA, claim(), CREATED);
    const [[user, record] = []] = asked;
    expect(user).toMatchObject({ ...ADA, version: 1 });
    expect(record).toEqual({
      caller: "alice",
      key: "k1",
      requestHash: "hash",
      status: 201,
      response: `${user?.id} adalovelace`,
      createdAt: new Date(START),
      expiresAt: new Date(START + DAY_MS),
    });
  });

  test("given fields that break rules, then each is told and the key stays free", async ({ expect }) => {
    const { service, users } = given();
    const refusal = await refusalOf(service.createOnce({ ...ADA, username: "no", email: "@" }, claim(), CREATED));
    expect(refusal.code).toBe("validation-failed");
    expect(refusal.issues.map(({ field }) => field)).toEqual(["username", "email"]);
    expect(users.calls).toEqual([]);
    expect(await service.createOnce(GRACE, claim({ requestHash: "other" }), CREATED)).toMatchObject({
      isReplay: false,
    });
  });

  test.for<[ErrorCode, Partial<User>]>([
    ["username-taken", { username: ADA.username }],
    ["email-taken", { email: ADA.email }],
  ])("given %s, then it is raised and the key stays free", async ([code, taken], { expect }) => {
    const { service } = given(createFakeUserRepository([buildUser(taken)]));
    expect((await refusalOf(service.createOnce(ADA, claim(), CREATED))).code).toBe(code);
    expect(await service.createOnce(GRACE, claim({ requestHash: "other" }), CREATED)).toMatchObject({
      isReplay: false,
    });
  });

  test.for<ErrorCode>(["idempotency-key-in-use", "database-unavailable", "deadline-exceeded"])(
    "given %s, then the caller gets that very failure",
    async (code, { expect }) => {
      const failure = new AppError(code);
      const { service } = given({ ...createFakeUserRepository(), insertOnce: () => Promise.reject(failure) });
      expect(await refusalOf(service.createOnce(ADA, claim(), CREATED))).toBe(failure);
    },
  );
});
