/**
 * The place of one row in the order of a list: everything behind it is the next page. `key` is the sorted value as
 * text (a time in RFC 3339 with milliseconds, UTC); `id` decides between rows with the same key.
 */
export interface PagePosition {
  readonly key: string;
  readonly id: string;
}

/** One part of a list. `next` is null on the last page. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: PagePosition | null;
}

export const PAGE_LIMIT = { min: 1, max: 100, default: 20 } as const;
