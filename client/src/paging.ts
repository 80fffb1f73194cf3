/** A part of a list; `next_cursor` is null on the last one. */
interface Page<Item> {
  readonly data: readonly Item[];
  readonly next_cursor: string | null;
}

/**
 * All of a list, page after page. A page is fetched only when the loop needs its first item, so a loop that stops early
 * costs no further request. Each loop over the result walks anew.
 */
export function walkPages<Item, Query extends { readonly cursor?: string }>(
  readPage: (query: Query) => Promise<Page<Item>>,
  query: Query,
): AsyncIterable<Item> {
  return {
    async *[Symbol.asyncIterator]() {
      let next: Query | null = query;
      while (next !== null) {
        const page: Page<Item> = await readPage(next);
        yield* page.data;
        next = page.next_cursor === null ? null : { ...query, cursor: page.next_cursor };
      }
    },
  };
}
