import { AppError } from "../../src/models/errors.ts";
import type { PagePosition } from "../../src/models/page.ts";
import type { User, UserRepository } from "../../src/models/user.ts";

/** Users in memory. The contract suite holds it to the behaviour of the PostgreSQL repository. */
export function createFakeUserRepository(initial: readonly User[] = []): UserRepository {
  const users = new Map(initial.map((user) => [user.id, user]));

  const refuseTaken = (candidate: User): void => {
    for (const user of users.values()) {
      if (user.id === candidate.id) continue;
      if (user.username === candidate.username) throw new AppError("username-taken");
      if (user.email === candidate.email) throw new AppError("email-taken");
    }
  };

  return {
    insert(user) {
      return attempt(() => {
        refuseTaken(user);
        users.set(user.id, user);
        return user;
      });
    },

    findById: (id) => Promise.resolve(users.get(id) ?? null),

    findByUsername: (username) =>
      Promise.resolve([...users.values()].find((user) => user.username === username) ?? null),

    list({ limit, after }) {
      const ordered = [...users.values()].toSorted(newestFirst);
      const behind = after === null ? ordered : ordered.filter((user) => newestFirst(after, user) < 0);
      const items = behind.slice(0, limit);
      const last = items.at(-1);
      const hasMore = behind.length > limit && last !== undefined;
      return Promise.resolve({ items, next: hasMore ? { createdAt: last.createdAt, id: last.id } : null });
    },

    update(id, { updatedAt, username, email, fullName }) {
      return attempt(() => {
        const user = users.get(id);
        if (user === undefined) return null;
        const changed: User = {
          ...user,
          username: username ?? user.username,
          email: email ?? user.email,
          fullName: fullName ?? user.fullName,
          updatedAt: updatedAt > user.updatedAt ? updatedAt : user.updatedAt,
          version: user.version + 1,
        };
        refuseTaken(changed);
        users.set(id, changed);
        return changed;
      });
    },

    delete(id) {
      users.delete(id);
      return Promise.resolve();
    },
  };
}

function newestFirst(left: PagePosition, right: PagePosition): number {
  const byTime = right.createdAt.getTime() - left.createdAt.getTime();
  if (byTime !== 0) return byTime;
  return left.id < right.id ? 1 : left.id > right.id ? -1 : 0;
}

/** Refusals of an asynchronous method are rejections, never exceptions. */
async function attempt<Result>(work: () => Result): Promise<Result> {
  return work();
}
