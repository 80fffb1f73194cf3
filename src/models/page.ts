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

/** Makes a page of rows that were read with one more than asked for: it tells whether there is a next page. */
export function toPage<Item>(
  rows: readonly Item[],
  limit: number,
  positionOf: (item: Item) => PagePosition,
): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items, next: hasMore ? positionOf(last) : null };
}

export const PAGE_LIMIT = { min: 1, max: 100, default: 20 } as const;
