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
    insert: (user, context) => {
      calls.push("insert");
      return users.insert(user, context);
    },
    insertOnce: (user, record, context) => {
      calls.push("insertOnce");
      return users.insertOnce(user, record, context);
    },
    findById: (id, context) => {
      calls.push("findById");
      return users.findById(id, context);
    },
    findByUsername: (username, context) => {
      calls.push("findByUsername");
      return users.findByUsername(username, context);
    },
    list: (query, context) => {
      calls.push("list");
      return users.list(query, context);
    },
    update: (id, change, expected, context) => {
      calls.push("update");
      changes.push(change);
      return users.update(id, change, expected, context);
    },
    delete: (id, expected, context) => {
      calls.push("delete");
      return users.delete(id, expected, context);
    },
  };
}
