import { AppError } from "../../src/models/errors.ts";
import type { IdempotencyRecord } from "../../src/models/idempotency.ts";
import { pagePosition, toUserPage, type UserFilter, type UserSort } from "../../src/models/user-list.ts";
import type { ExpectedVersions, User, UserRepository } from "../../src/models/user.ts";

/** Users in memory. The contract suite holds it to the behaviour of the PostgreSQL repository. */
export function createFakeUserRepository(initial: readonly User[] = []): UserRepository {
  const users = new Map(initial.map((user) => [user.id, user]));
  const records = new Map<string, IdempotencyRecord>();

  const refuseTaken = (candidate: User): void => {
    const others = [...users.values()].filter(({ id }) => id !== candidate.id);
    if (others.some(({ username }) => username === candidate.username)) throw new AppError("username-taken");
    if (others.some(({ email }) => email === candidate.email)) throw new AppError("email-taken");
  };

  const add = (user: User): User => {
    refuseTaken(user);
    users.set(user.id, user);
    return user;
  };

  return {
    insert: async (user) => add(user),

    async insertOnce(user, record) {
      const slot = JSON.stringify([record.caller, record.key]);
      const stored = records.get(slot);
      if (stored !== undefined && stored.expiresAt > record.createdAt) {
        if (stored.requestHash !== record.requestHash) throw new AppError("idempotency-key-reused");
        return { status: stored.status, body: stored.response, isReplay: true };
      }
      add(user);
      records.set(slot, record);
      return { status: record.status, body: record.response, isReplay: false };
    },

    findById: async (id) => users.get(id) ?? null,

    findByUsername: async (username) => [...users.values()].find((user) => user.username === username) ?? null,

    async list(query) {
      const { sort, filter, limit, after } = query;
      const ordered = [...users.values()].filter((user) => meets(user, filter)).toSorted(inOrder(sort));
      const behind =
        after === null ? ordered : ordered.filter((user) => compare(pagePosition(user, sort), after, sort) > 0);
      return toUserPage(behind.slice(0, limit + 1), query);
    },

    async update(id, { updatedAt, username, email, fullName }, expected) {
      const user = users.get(id);
      if (user === undefined || !isExpected(user, expected)) return null;
      const changed: User = {
        ...user,
        username: username ?? user.username,
        email: email ?? user.email,
        fullName: fullName ?? user.fullName,
        updatedAt: updatedAt > user.updatedAt ? updatedAt : user.updatedAt,
        version: user.version + 1,
      };
      return add(changed);
    },

    async delete(id, expected) {
      const user = users.get(id);
      if (user === undefined || !isExpected(user, expected)) return false;
      return users.delete(id);
    },
  };
}

function isExpected({ version }: User, expected: ExpectedVersions): boolean {
  return expected === null || expected.includes(version);
}

function meets({ username, email, createdAt }: User, filter: UserFilter): boolean {
  return (
    username.startsWith(filter.usernamePrefix ?? "") &&
    email === (filter.email ?? email) &&
    (filter.createdAfter === null || createdAt > filter.createdAfter) &&
    (filter.createdBefore === null || createdAt < filter.createdBefore)
  );
}

function inOrder(sort: UserSort): (left: User, right: User) => number {
  return (left, right) => compare(pagePosition(left, sort), pagePosition(right, sort), sort);
}

type Position = ReturnType<typeof pagePosition>;

function compare(left: Position, right: Position, sort: UserSort): number {
  const ascending = compareText(left.key, right.key) || compareText(left.id, right.id);
  return sort.startsWith("-") ? -ascending : ascending;
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
