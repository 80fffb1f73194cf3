import { describe, test } from "vitest";

import type { IdempotentAnswer } from "../../src/models/idempotency.ts";
import type { User } from "../../src/models/user.ts";
import type { OpenRepository } from "./user-repository-contract.ts";
import { buildUser } from "./users.ts";
import { forWork } from "./work.ts";

const NOW = new Date("2026-03-01T12:00:00.000Z");
const DAY_MS = 86_400_000;

/** What every user repository promises of keyed creations; run for the fake and for PostgreSQL. */
export function describeKeyedInsert(name: string, open: OpenRepository): void {
  describe(`${name} keeps the contract of keyed creations`, () => {
    test("the first request adds the user and stores its answer", async ({ expect }) => {
      const users = forWork(await open());
      const user = buildUser();
      const answer = answerFor(user);
      expect(await users.insertOnce(user, answer)).toEqual({
        kind: "answered",
        status: 201,
        response: answer.response,
        isReplay: false,
      });
      expect(await users.findById(user.id)).toEqual(user);
    });

    test("a repeated request gets the first answer and adds nobody", async ({ expect }) => {
      const users = forWork(await open());
      const [first, second] = [buildUser(), buildUser()];
      const { response } = answerFor(first);
      await users.insertOnce(first, answerFor(first));
      expect(await users.insertOnce(second, answerFor(second))).toMatchObject({
        kind: "answered",
        response,
        isReplay: true,
      });
      expect(await users.findById(second.id)).toBeNull();
    });

    test("the key of another payload is refused and adds nobody", async ({ expect }) => {
      const users = forWork(await open());
      const [first, second] = [buildUser(), buildUser()];
      await users.insertOnce(first, answerFor(first));
      expect(await users.insertOnce(second, answerFor(second, { requestHash: "other" }))).toEqual({ kind: "reused" });
      expect(await users.findById(second.id)).toBeNull();
    });

    test("the same key of another caller, and another key, stand for other requests", async ({ expect }) => {
      const users = forWork(await open());
      for (const overrides of [{}, { caller: "bob" }, { key: "k2" }, { caller: "alice:k", key: "1" }]) {
        const user = buildUser();
        expect(await users.insertOnce(user, answerFor(user, overrides))).toMatchObject({
          kind: "answered",
          isReplay: false,
        });
        expect(await users.findById(user.id)).toEqual(user);
      }
    });

    test("a refused creation leaves the key free", async ({ expect }) => {
      const users = forWork(await open());
      const taken = await users.insert(buildUser());
      const clash = buildUser({ username: taken.username });
      await expect(users.insertOnce(clash, answerFor(clash))).rejects.toMatchObject({ code: "username-taken" });
      const free = buildUser();
      const answer = answerFor(free, { requestHash: "other" });
      // A database tells of a failed statement a moment before it gives up the statement's locks.
      await expect.poll(() => users.insertOnce(free, answer)).not.toEqual({ kind: "in-use" });
      expect(await users.findById(free.id)).toEqual(free);
    });

    test("a key is free again when its time is up", async ({ expect }) => {
      const users = forWork(await open());
      const [first, second, third] = [buildUser(), buildUser(), buildUser()];
      await users.insertOnce(first, answerFor(first));
      const later = { createdAt: new Date(NOW.getTime() + DAY_MS), expiresAt: new Date(NOW.getTime() + 2 * DAY_MS) };
      const renewed = answerFor(second, { ...later, requestHash: "other" });
      expect(await users.insertOnce(second, renewed)).toMatchObject({ response: renewed.response, isReplay: false });
      expect(await users.insertOnce(third, { ...renewed, response: "third" })).toMatchObject({
        response: renewed.response,
        isReplay: true,
      });
      expect(await users.findById(third.id)).toBeNull();
    });
  });
}

function answerFor(user: User, overrides: Partial<IdempotentAnswer> = {}): IdempotentAnswer {
  return {
    caller: "alice",
    key: "k1",
    requestHash: "hash",
    status: 201,
    response: JSON.stringify({ id: user.id }),
    createdAt: NOW,
    expiresAt: new Date(NOW.getTime() + DAY_MS),
    ...overrides,
  };
}
