import type { UserChange, UserRepository } from "../../src/models/user.ts";
import { createFakeUserRepository } from "./fake-user-repository.ts";

export interface RecordingUserRepository extends UserRepository {
  /** Names of the methods that were called, in order: each is one round trip. */
  readonly calls: readonly (keyof UserRepository)[];
  /** What `update` was asked to change. */
  readonly changes: readonly UserChange[];
}

/** Passes everything on to another repository and remembers what it was asked. */
export function createRecordingUserRepository(
  users: UserRepository = createFakeUserRepository(),
): RecordingUserRepository {
  const calls: (keyof UserRepository)[] = [];
  const changes: UserChange[] = [];
  return {
    calls,
    changes,
    insert: (user, work) => {
      calls.push("insert");
      return users.insert(user, work);
    },
    insertOnce: (user, answer, work) => {
      calls.push("insertOnce");
      return users.insertOnce(user, answer, work);
    },
    findById: (id, work) => {
      calls.push("findById");
      return users.findById(id, work);
    },
    findByUsername: (username, work) => {
      calls.push("findByUsername");
      return users.findByUsername(username, work);
    },
    list: (query, work) => {
      calls.push("list");
      return users.list(query, work);
    },
    update: (id, change, expected, work) => {
      calls.push("update");
      changes.push(change);
      return users.update(id, change, expected, work);
    },
    delete: (id, expected, work) => {
      calls.push("delete");
      return users.delete(id, expected, work);
    },
  };
}
