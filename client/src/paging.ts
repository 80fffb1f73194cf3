import type { User, UserPage, UserQuery } from "./models.ts";

/**
 * Every user of a list, page after page. A page is fetched only when the loop needs its first user, so a loop that
 * stops early costs no further request. Each loop over the result walks anew.
 */
export function walkUsers(readPage: (query: UserQuery) => Promise<UserPage>, query: UserQuery): AsyncIterable<User> {
  return {
    async *[Symbol.asyncIterator]() {
      let next: UserQuery | null = query;
      while (next !== null) {
        const page: UserPage = await readPage(next);
        yield* page.data;
        next = page.next_cursor === null ? null : { ...query, cursor: page.next_cursor };
      }
    },
  };
}
