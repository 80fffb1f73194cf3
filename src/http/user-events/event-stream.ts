import { toEventBody } from "../../models/user-event-body.ts";
import type { EventPage, EventPosition } from "../../models/user-event.ts";

/** How long a client waits before it comes again, in milliseconds: after an ordinary end, and after trouble. */
const RETRY_MS = 1_000;
const TROUBLE_RETRY_MS = 5_000;

/** Proxies close what is silent for a minute, and phones' networks sooner. */
const HEARTBEAT_MS = 15_000;
const MAX_SILENT_POLLS = 15;

export interface EventStreamParts {
  /** What was read before the answer began. */
  readonly first: EventPage;
  readonly following: AsyncIterable<EventPage>;
  readonly pollMs: number;
  readonly encode: (position: EventPosition) => Promise<string>;
  /** Told why the feed could not be read on. */
  readonly onFailure: (error: unknown) => void;
  /** Told of each page whose events are sent. */
  readonly onSent: (count: number) => void;
}

/**
 * Writes pages as an event stream (HTML standard, section 9.2): each event with its cursor as `id`. The `id` stands alone at
 * the beginning and in heartbeats, where there is no event: it dispatches none, but is where the client will continue.
 */
export async function* writeEventStream(parts: EventStreamParts): AsyncGenerator<string> {
  const { first, following, pollMs, encode, onFailure, onSent } = parts;
  const silentPolls = Math.max(1, Math.min(MAX_SILENT_POLLS, Math.floor(HEARTBEAT_MS / pollMs)));
  const write = async ({ items }: EventPage): Promise<string> => {
    onSent(items.length);
    const ids = await Promise.all(items.map(encode));
    return items.map((item, place) => eventBlock(ids[place] ?? "", item.type, toEventBody(item))).join("");
  };
  const head = `retry: ${RETRY_MS}\n`;
  yield first.items.length === 0 ? `${head}id: ${await encode(first.next)}\n\n` : `${head}\n${await write(first)}`;
  let silent = 0;
  try {
    for await (const page of following) {
      silent = page.items.length > 0 ? 0 : silent + 1;
      if (page.items.length > 0) yield await write(page);
      else if (silent % silentPolls === 0) yield `: nothing new\nid: ${await encode(page.next)}\n\n`;
    }
  } catch (error) {
    onFailure(error);
    yield `: interrupted\nretry: ${TROUBLE_RETRY_MS}\n\n`;
  }
}

/** JSON has no line breaks of its own. */
function eventBlock(id: string, type: string, body: unknown): string {
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(body)}\n\n`;
}
