import { toPage, type Page, type PagePosition } from "./page.ts";

/** Orders of a list; a minus means descending. Users of the same time are ordered by id. */
export const USER_SORTS = ["-created_at", "created_at", "username", "-username"] as const;

export type UserSort = (typeof USER_SORTS)[number];

export const DEFAULT_USER_SORT: UserSort = "-created_at";

/** Which users to list; all conditions must hold, and null is no condition. */
export interface UserFilter {
  /** First characters of the username, lower case. */
  readonly usernamePrefix: string | null;
  /** The whole address, lower case. */
  readonly email: string | null;
  /** Exclusive. */
  readonly createdAfter: Date | null;
  /** Exclusive. */
  readonly createdBefore: Date | null;
}

export const NO_FILTER: UserFilter = { usernamePrefix: null, email: null, createdAfter: null, createdBefore: null };

/** Which part of which list to return. */
export interface UserQuery {
  readonly sort: UserSort;
  readonly filter: UserFilter;
  /** Users at most, within `PAGE_LIMIT`. */
  readonly limit: number;
  /** Start behind this position; from the beginning when null. */
  readonly after: PagePosition | null;
}

/** What decides where a user stands. */
export interface Sortable {
  readonly id: string;
  readonly username: string;
  readonly createdAt: Date;
}

/** Where a user stands in an order. */
export function pagePosition({ id, username, createdAt }: Sortable, sort: UserSort): PagePosition {
  return { key: sort === "username" || sort === "-username" ? username : createdAt.toISOString(), id };
}

/** Makes a page of rows that were read with one more than asked for. */
export function toUserPage<Item extends Sortable>(rows: readonly Item[], { limit, sort }: UserQuery): Page<Item> {
  return toPage(rows, limit, (item) => pagePosition(item, sort));
}
