import { readPage } from "./http-messages.ts";
import type { TestApp } from "./test-app.ts";

export interface ListPage {
  readonly ids: readonly string[];
  readonly nextCursor: string | null;
  /** Target of the Link header; null when there is none. */
  readonly next: string | null;
}

/** Reads one page; throws when its Link header and its cursor do not say the same. */
export async function readList({ request }: Pick<TestApp, "request">, path: string): Promise<ListPage> {
  const response = await request(path);
  const link = response.headers.get("Link");
  const { data, next_cursor: nextCursor } = await readPage(response);
  const next = link === null ? null : (/^<(\/[^<>"\s]+)>; rel="next"$/.exec(link)?.[1] ?? "");
  const linked = next === null ? null : new URL(next, "https://users.test").searchParams.get("cursor");
  if (linked !== nextCursor) throw new Error(`next_cursor is ${nextCursor}, but Link is ${link}`);
  return { ids: data.map(({ id }) => id), nextCursor, next };
}

/** Follows the Link header to the end. `change` may ask for the next page in another way. */
export async function walkList(
  app: Pick<TestApp, "request">,
  start: string,
  change: (next: string, pages: number) => string = (next) => next,
): Promise<string[]> {
  const seen: string[] = [];
  let next: string | null = start;
  for (let pages = 0; next !== null; pages++) {
    const page: ListPage = await readList(app, pages === 0 ? next : change(next, pages));
    seen.push(...page.ids);
    next = page.next;
  }
  return seen;
}
