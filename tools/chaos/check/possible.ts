import type { Fields, UserState } from "../history.ts";

/** A state that a user may be in: null for none. Versions are always known here. */
export type Row = (UserState & { readonly version: number }) | null;

/** A write whose end its client does not know: it may have happened, or happen at any later time, once. */
export type PendingWrite =
  | { readonly kind: "create"; readonly email: string; readonly fullName: string }
  | { readonly kind: "change"; readonly fields: Fields; readonly onlyVersion: number | null }
  | { readonly kind: "delete" };

/** One way in which everything so far can have gone. */
export interface Possibility {
  readonly row: Row;
  /** Those that have not happened in it. */
  readonly pending: readonly PendingWrite[];
}

/** The id of a user that nobody was told of. */
export const UNKNOWN_ID = "?";

/** The state after a write; undefined when it has no effect there. */
export function applyWrite(row: Row, write: PendingWrite): Row | undefined {
  switch (write.kind) {
    case "create":
      return row === null ? { id: UNKNOWN_ID, email: write.email, fullName: write.fullName, version: 1 } : undefined;
    case "change":
      if (row === null || (write.onlyVersion !== null && write.onlyVersion !== row.version)) return undefined;
      return { ...row, ...write.fields, version: row.version + 1 };
    case "delete":
      return row === null ? undefined : null;
  }
}

/** The possibilities, and those in which writes that were pending have happened by now, in any order. */
export function withPending(possibilities: readonly Possibility[]): readonly Possibility[] {
  const found = [...possibilities];
  for (let place = 0; place < found.length; place += 1) {
    const { row, pending } = found[place] ?? { row: null, pending: [] };
    for (const write of pending) {
      const next = applyWrite(row, write);
      if (next !== undefined) found.push({ row: next, pending: pending.filter((other) => other !== write) });
    }
  }
  return found;
}

/** Whether a state may be what was seen. */
export function matches(row: Row, seen: UserState | null): boolean {
  if (row === null || seen === null) return row === seen;
  return (
    (row.id === UNKNOWN_ID || row.id === seen.id) &&
    row.email === seen.email &&
    row.fullName === seen.fullName &&
    (seen.version === null || row.version === seen.version)
  );
}
