import { pickIndex, type Random } from "./random.ts";

/** A user as the last acknowledged request left it. */
export interface KnownUser {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly fullName: string;
  /** Counts the changes, from 1; the second half of the entity tag. */
  readonly version: number;
}

/** What may stand in the database; null: no such row. A creation without answer leaves the id unknown. */
export type AllowedState = { readonly id: string | null; readonly fullName: string; readonly version: number } | null;

/** What the requests about one user allow its row to be. One entry unless an answer went missing. */
export interface Expectation {
  readonly username: string;
  readonly allowed: readonly AllowedState[];
}

/**
 * What the service has acknowledged. A user that a request is about is lent out, so that nobody else changes it
 * meanwhile and every answer can be told right from wrong.
 */
export interface Book {
  /** Takes a user that exists and that nobody has; null when there is none. */
  borrow(random: Random): KnownUser | null;
  /** Brings it back, or adds one that was created: this is what it is now. */
  settle(user: KnownUser): void;
  /** Acknowledged as gone. */
  remove(user: KnownUser): void;
  /** A request about it has failed: it is one of these, and nobody uses it any more. */
  doubt(username: string, allowed: readonly AllowedState[]): void;
  /** Id of a user that is gone; null when there is none. */
  removedId(random: Random): string | null;
  /** How the database must look. To be asked when no request is under way. */
  expectations(): readonly Expectation[];
}

/** @param existing users that are in the database from the start */
export function createBook(existing: readonly KnownUser[]): Book {
  const idle = [...existing];
  const removedIds: string[] = [];
  const settled = new Map<string, readonly AllowedState[]>(existing.map((user) => [user.username, [stateOf(user)]]));
  return {
    borrow(random) {
      if (idle.length === 0) return null;
      const at = pickIndex(random, idle.length);
      const chosen = idle[at] ?? null;
      const last = idle.pop();
      if (last !== undefined && at < idle.length) idle[at] = last;
      return chosen;
    },
    settle(user) {
      settled.set(user.username, [stateOf(user)]);
      idle.push(user);
    },
    remove({ id, username }) {
      settled.set(username, [null]);
      removedIds.push(id);
    },
    doubt: (username, allowed) => void settled.set(username, allowed),
    removedId: (random) => removedIds[pickIndex(random, removedIds.length)] ?? null,
    expectations: () => [...settled].map(([username, allowed]) => ({ username, allowed })),
  };
}

/** How a user's row looks. */
export function stateOf({ id, fullName, version }: KnownUser): NonNullable<AllowedState> {
  return { id, fullName, version };
}
