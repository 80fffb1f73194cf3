import { uuidv7 } from "uuidv7";

import type { User } from "../../src/models/user.ts";

let sequence = 0;

/** A valid user that shares nothing with those of other tests, except for what `overrides` says. */
export function buildUser(overrides: Partial<User> = {}): User {
  const username = `user${(sequence++).toString(36)}${Math.random().toString(36).slice(2, 10)}`;
  const createdAt = new Date("2026-03-01T12:00:00.123Z");
  return {
    id: uuidv7(),
    username,
    email: `${username}@example.com`,
    fullName: "Ada Lovelace",
    createdAt,
    updatedAt: createdAt,
    version: 1,
    ...overrides,
  };
}
