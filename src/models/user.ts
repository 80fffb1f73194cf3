import type { Page, PageRequest } from "./page.ts";

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

/**
 * Where users are kept. Each method is one atomic statement, hence one round trip.
 * All may fail with `database-unavailable`, `deadline-exceeded` or `internal-error`.
 */
export interface UserRepository {
  /** Adds the user. Fails with `username-taken` or `email-taken`. */
  insert(user: User): Promise<User>;
  findById(id: string): Promise<User | null>;
  findByUsername(username: string): Promise<User | null>;
  /** Newest first. */
  list(page: PageRequest): Promise<Page<User>>;
  /** Applies the change; null when there is no such user. Fails with `username-taken` or `email-taken`. */
  update(id: string, change: UserChange): Promise<User | null>;
  /** Removes the user, if there is one. */
  delete(id: string): Promise<void>;
}
