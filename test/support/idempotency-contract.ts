import { describe, test } from "vitest";

import type { IdempotencyRecord } from "../../src/models/idempotency.ts";
import type { User } from "../../src/models/user.ts";
import { withContext } from "./call-context.ts";
import type { OpenRepository } from "./user-repository-contract.ts";
import { buildUser } from "./users.ts";

const NOW = new Date("2026-03-01T12:00:00.000Z");
const DAY_MS = 86_400_000;

/** What every user repository promises of keyed creations; run for the fake and for PostgreSQL. */
export function describeKeyedInsert(name: string, open: OpenRepository): void {
  describe(`${name} keeps the contract of keyed creations`, () => {
    test("the first request adds the user and stores its response", async ({ expect }) => {
      const users = withContext(await open());
      const user = buildUser();
      const record = recordFor(user);
      expect(await users.insertOnce(user, record)).toEqual({ status: 201, body: record.response, isReplay: false });
      expect(await users.findById(user.id)).toEqual(user);
    });

    test("a repeated request gets the first response and adds nobody", async ({ expect }) => {
      const users = withContext(await open());
      const [first, second] = [buildUser(), buildUser()];
      const { response } = recordFor(first);
      await users.insertOnce(first, recordFor(first));
      expect(await users.insertOnce(second, recordFor(second))).toEqual({
        status: 201,
        body: response,
        isReplay: true,
      });
      expect(await users.findById(second.id)).toBeNull();
    });

    test("the key of another payload is refused and adds nobody", async ({ expect }) => {
      const users = withContext(await open());
      const [first, second] = [buildUser(), buildUser()];
      await users.insertOnce(first, recordFor(first));
      const reused = users.insertOnce(second, recordFor(second, { requestHash: "other" }));
      await expect(reused).rejects.toMatchObject({ code: "idempotency-key-reused" });
      expect(await users.findById(second.id)).toBeNull();
    });

    test("the same key of another caller, and another key, stand for other requests", async ({ expect }) => {
      const users = withContext(await open());
      for (const overrides of [{}, { caller: "bob" }, { key: "k2" }, { caller: "alice:k", key: "1" }]) {
        const user = buildUser();
        expect(await users.insertOnce(user, recordFor(user, overrides))).toMatchObject({ isReplay: false });
        expect(await users.findById(user.id)).toEqual(user);
      }
    });

    test("a refused creation leaves the key free", async ({ expect }) => {
      const users = withContext(await open());
      const taken = await users.insert(buildUser());
      const clash = buildUser({ username: taken.username });
      await expect(users.insertOnce(clash, recordFor(clash))).rejects.toMatchObject({ code: "username-taken" });
      const free = buildUser();
      const record = recordFor(free, { requestHash: "other" });
      // A database tells of a failed statement a moment before it gives up the statement's locks.
      await expect
        .poll(() => users.insertOnce(free, record).catch(({ code }) => code))
        .not.toBe("idempotency-key-in-use");
      expect(await users.findById(free.id)).toEqual(free);
    });

    test("a key is free again when its time is up", async ({ expect }) => {
      const users = withContext(await open());
      const [first, second, third] = [buildUser(), buildUser(), buildUser()];
      await users.insertOnce(first, recordFor(first));
      const later = { createdAt: new Date(NOW.getTime() + DAY_MS), expiresAt: new Date(NOW.getTime() + 2 * DAY_MS) };
      const renewed = recordFor(second, { ...later, requestHash: "other" });
      expect(await users.insertOnce(second, renewed)).toMatchObject({ body: renewed.response, isReplay: false });
      expect(await users.insertOnce(third, { ...renewed, response: "third" })).toMatchObject({
        body: renewed.response,
        isReplay: true,
      });
      expect(await users.findById(third.id)).toBeNull();
    });
  });
}

function recordFor(user: User, overrides: Partial<IdempotencyRecord> = {}): IdempotencyRecord {
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
