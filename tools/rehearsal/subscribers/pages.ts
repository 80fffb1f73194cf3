import { setTimeout as sleep } from "node:timers/promises";

import { z } from "zod";

import { type FeedOptions, feedUrl, keepConnected, type Notebook } from "./connection.ts";
import type { Subscriber } from "./kinds.ts";

/** As often as the service itself asks for a stream. */
const POLL_MS = 1_000;
const TIMEOUT_MS = 10_000;
const LIMIT = 100;

const pageSchema = z.object({ data: z.array(z.object({ id: z.string() })), next_cursor: z.string() });

/** Follows the feed page by page; what is not answered by a page is asked again. */
export function subscribeByPages(options: FeedOptions): Subscriber {
  return keepConnected({ kind: "pages", connect: (notebook, signal) => walk(options, notebook, signal) });
}

/** Rejects with the first page that does not come. */
async function walk(options: FeedOptions, notebook: Notebook, left: AbortSignal): Promise<void> {
  for (;;) {
    const url = feedUrl(options, notebook.cursor);
    url.searchParams.set("limit", String(LIMIT));
    const signal = AbortSignal.any([left, AbortSignal.timeout(TIMEOUT_MS)]);
    const response = await fetch(url, { headers: { "X-API-Key": options.apiKey }, signal });
    if (!response.ok) return await response.body?.cancel();
    const { data, next_cursor: next } = pageSchema.parse(await response.json());
    notebook.ids.push(...data.map(({ id }) => id));
    notebook.cursor = next;
    if (data.length < LIMIT) await sleep(POLL_MS, undefined, { signal: left });
  }
}
