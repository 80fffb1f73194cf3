/** The place of one row in the order of a list: everything that comes later is the next page. */
export interface PagePosition {
  readonly createdAt: Date;
  readonly id: string;
}

/** Which part of a list to return. */
export interface PageRequest {
  /** Rows at most, 1 to {@link PAGE_LIMIT.max}. */
  readonly limit: number;
  /** Start behind this row; from the beginning when null. */
  readonly after: PagePosition | null;
}

/** One part of a list. `next` is null on the last page. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: PagePosition | null;
}

export const PAGE_LIMIT = { min: 1, max: 100, default: 20 } as const;
