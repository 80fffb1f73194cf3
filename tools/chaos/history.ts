/** What a user is, as far as a client can tell; times are left out. */
export interface UserState {
  readonly id: string;
  readonly email: string;
  readonly fullName: string;
  /** Counts its states from 1, as the entity tag has it; null where the answer has no tag. */
  readonly version: number | null;
}

/** How a write ended, as its client was told. After `unknown` it may have happened, or happen still. */
export type WriteEnd =
  | { readonly kind: "acknowledged"; readonly state: UserState }
  /** For certain without effect. */
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "unknown" };

export type DeleteEnd = { readonly kind: "acknowledged" } | Exclude<WriteEnd, { kind: "acknowledged" }>;

/** What a change sets. */
export interface Fields {
  readonly email?: string;
  readonly fullName?: string;
}

/** Something that the one client of a user did or saw, in the order in which it did. */
export type OwnEvent =
  | { readonly kind: "create"; readonly email: string; readonly fullName: string; readonly end: WriteEnd }
  /** `onlyVersion` is that of `If-Match`; null for a change of whatever there is. */
  | { readonly kind: "change"; readonly fields: Fields; readonly onlyVersion: number | null; readonly end: WriteEnd }
  /** An earlier attempt of a conditional change must have happened, or it would not have been refused (412). */
  | { readonly kind: "moved-on"; readonly fromVersion: number }
  | { readonly kind: "delete"; readonly end: DeleteEnd }
  | { readonly kind: "seen"; readonly state: UserState }
  | { readonly kind: "absent" }
  /** The creation was sent again with its key. */
  | { readonly kind: "replayed"; readonly isSame: boolean };

/** A user that one client alone knows of. Its name is used for one creation and never again. */
export interface OwnUser {
  readonly username: string;
  /** Of its creation; null for one without. */
  readonly key: string | null;
  readonly events: readonly OwnEvent[];
}

/** A change of a user that all clients change, each from the state that it has just read. Times are milliseconds. */
export interface SharedChange {
  readonly fromVersion: number;
  /** Nobody else writes this. */
  readonly fullName: string;
  readonly end: WriteEnd;
  readonly endedAt: number;
}

export interface SharedRead {
  readonly version: number;
  readonly fullName: string;
  readonly startedAt: number;
}

export interface SharedUser {
  readonly username: string;
  readonly id: string;
  /** With which it began, in its version 1. */
  readonly fullName: string;
  readonly changes: readonly SharedChange[];
  readonly reads: readonly SharedRead[];
}

/** All that clients did and were told. */
export interface History {
  readonly own: readonly OwnUser[];
  readonly shared: readonly SharedUser[];
}

/** A row of the database. */
export interface UserRow extends UserState {
  readonly username: string;
  readonly version: number;
}

/** What the database holds at the end. */
export interface Content {
  readonly users: readonly UserRow[];
  /** Ids of the users that keys stand for. */
  readonly keys: readonly { readonly key: string; readonly userId: string }[];
}
