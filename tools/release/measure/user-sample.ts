/** What is needed to ask for a user again. */
export interface KnownUser {
  readonly id: string;
  readonly username: string;
}

/** Users that a list has shown lately. */
export interface UserSample {
  add(users: readonly KnownUser[]): void;
  remove(user: KnownUser): void;
  /** @returns null while none is known */
  pick(): KnownUser | null;
}

/** Enough that no cache is asked for the same few again and again. */
const CAPACITY = 200;

export function createUserSample(random: () => number): UserSample {
  const known = new Map<string, KnownUser>();
  return {
    add(users) {
      for (const user of users) {
        // Set again, a user counts as seen last.
        known.delete(user.id);
        known.set(user.id, user);
      }
      for (const id of [...known.keys()].slice(0, -CAPACITY)) known.delete(id);
    },
    remove: ({ id }) => void known.delete(id),
    pick: () => [...known.values()][Math.floor(random() * known.size)] ?? null,
  };
}
