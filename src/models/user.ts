import type { CallContext } from "./call-context.ts";
import type { IdempotencyRecord, StoredResponse } from "./idempotency.ts";
import type { Page } from "./page.ts";
import type { UserQuery } from "./user-list.ts";

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

/**
 * Where users are kept. Each method is one atomic statement, hence one round trip. Whatever a method refuses or fails
 * in is an `AppError`; a user that is not there is no error. All may fail with `database-unavailable`,
 * `deadline-exceeded` or `internal-error`.
 */
export interface UserRepository {
  /** Adds the user. Fails with `username-taken` or `email-taken`. */
  insert(user: User, context: CallContext): Promise<User>;
  /** Adds the user and stores the response, both or neither; gives the stored one if the key was claimed before. Fails as
   * `insert` does, or with `idempotency-key-reused` or `idempotency-key-in-use`. */
  insertOnce(user: User, record: IdempotencyRecord, context: CallContext): Promise<StoredResponse>;
  findById(id: string, context: CallContext): Promise<User | null>;
  findByUsername(username: string, context: CallContext): Promise<User | null>;
  list(query: UserQuery, context: CallContext): Promise<Page<User>>;
  /** Changes the user with this id and an expected version; null when there is none. Fails with `username-taken` or
   * `email-taken`. */
  update(id: string, change: UserChange, expected: ExpectedVersions, context: CallContext): Promise<User | null>;
  /** Removes the user with this id and an expected version; false when there is none. */
  delete(id: string, expected: ExpectedVersions, context: CallContext): Promise<boolean>;
}
