import type { ClaimOutcome, IdempotentAnswer } from "./idempotency.ts";
import type { Page } from "./page.ts";
import type { UserQuery } from "./user-list.ts";
import type { Work } from "./work.ts";

/** A user as the service keeps it: every text is normalised (see `user-rules.ts`). */
export interface User {
  /** UUID version 7, lower case. */
  readonly id: string;
  /** 3 to 50 ASCII letters and digits, lower case, unique. */
  readonly username: string;
  /** A valid address of at most 100 characters, lower case, unique. */
  readonly email: string;
  /** 1 to 100 characters, trimmed, NFC. */
  readonly fullName: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Starts at 1 and grows by one with each change; the entity tag is made from it. */
  readonly version: number;
}

/** What a client gives to create a user, before normalisation. */
export interface UserInput {
  readonly username: string;
  readonly email: string;
  readonly fullName: string;
}

/** What a client may change; an absent field is kept. */
export interface UserPatch {
  readonly username?: string | undefined;
  readonly email?: string | undefined;
  readonly fullName?: string | undefined;
}

/** The changes of one update, normalised, with the time at which they were made. */
export interface UserChange extends UserPatch {
  readonly updatedAt: Date;
}

/** Versions of a user that a change may start from; null for any. */
export type ExpectedVersions = readonly number[] | null;

/** What became of a conditional change: done, no such user, or a version that was not expected. */
export type ChangeOutcome<Result> =
  | { readonly kind: "done"; readonly result: Result }
  | { readonly kind: "absent" }
  | { readonly kind: "stale" };

/**
 * Where users are kept. Each method is one atomic statement, hence one round trip.
 * All may fail with `database-unavailable`, `deadline-exceeded` or `internal-error`.
 */
export interface UserRepository {
  /** Adds the user. Fails with `username-taken` or `email-taken`. */
  insert(user: User, work: Work): Promise<User>;
  /** Adds the user and stores the answer, both or neither, unless the key was claimed before. Fails as `insert` does. */
  insertOnce(user: User, answer: IdempotentAnswer, work: Work): Promise<ClaimOutcome>;
  findById(id: string, work: Work): Promise<User | null>;
  findByUsername(username: string, work: Work): Promise<User | null>;
  list(query: UserQuery, work: Work): Promise<Page<User>>;
  /** Applies the change, if the version is expected. Fails with `username-taken` or `email-taken`. */
  update(id: string, change: UserChange, expected: ExpectedVersions, work: Work): Promise<ChangeOutcome<User>>;
  /** Removes the user, if the version is expected. */
  delete(id: string, expected: ExpectedVersions, work: Work): Promise<ChangeOutcome<null>>;
}
