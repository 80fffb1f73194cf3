import type { OwnEvent, OwnUser, UserState } from "../history.ts";

/** What the client of a user knows of it, and all that it did. */
export interface OwnRecord extends OwnUser {
  readonly events: OwnEvent[];
  /**
   * `live` users are changed further; `gone` ones have been deleted, or never were; of `uncertain` ones something is unknown, so that
   * they are only read.
   */
  status: "live" | "gone" | "uncertain";
  /** The last state that it was told of, with its version. */
  state: UserState | null;
  /** The body of the first answer to its creation. */
  firstBody: string | null;
}

/** The users of one client, the newest last. */
export interface OwnRecords {
  readonly all: readonly OwnRecord[];
  add(username: string, key: string | null): OwnRecord;
  /** Those whose names begin so. */
  withPrefix(prefix: string): readonly OwnRecord[];
}

export function createOwnRecords(): OwnRecords {
  const all: OwnRecord[] = [];
  const byPrefix = new Map<string, OwnRecord[]>();
  return {
    all,
    add(username, key) {
      const record: OwnRecord = { username, key, events: [], status: "uncertain", state: null, firstBody: null };
      all.push(record);
      const prefix = prefixOf(username);
      byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), record]);
      return record;
    },
    withPrefix: (prefix) => byPrefix.get(prefix) ?? [],
  };
}

/** Ten users of a client have the same, and nobody else has. */
export function prefixOf(username: string): string {
  return username.slice(0, -1);
}
