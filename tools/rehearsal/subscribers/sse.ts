import { readBlocks } from "../../../client/src/event-stream.ts";
import { type FeedOptions, feedUrl, keepConnected, type Notebook, SILENCE_MS } from "./connection.ts";
import type { Subscriber } from "./kinds.ts";

/** Follows the feed as a stream of Server-Sent Events; comes again with `Last-Event-ID`, as browsers do. */
export function subscribeBySse(options: FeedOptions): Subscriber {
  return keepConnected({ kind: "sse", connect: (notebook, signal) => readStream(options, notebook, signal) });
}

async function readStream(options: FeedOptions, notebook: Notebook, left: AbortSignal): Promise<void> {
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(), SILENCE_MS);
  const { cursor } = notebook;
  try {
    const response = await fetch(feedUrl(options, null), {
      headers: {
        "X-API-Key": options.apiKey,
        Accept: "text/event-stream",
        ...(cursor === null ? {} : { "Last-Event-ID": cursor }),
      },
      signal: AbortSignal.any([left, silent.signal]),
    });
    if (!response.ok || response.body === null) return await response.body?.cancel();
    for await (const { cursor: place, event } of readBlocks(response.body)) {
      timer.refresh();
      if (event !== null) notebook.ids.push(event.id);
      notebook.cursor = place ?? notebook.cursor;
    }
  } finally {
    clearTimeout(timer);
  }
}
