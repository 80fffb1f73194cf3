import { z } from "zod";

import { type FeedOptions, feedUrl, keepConnected, type Notebook, SILENCE_MS } from "./connection.ts";
import type { Subscriber } from "./kinds.ts";

/** The service cuts off who takes more than some hundreds without saying so. */
const ACKNOWLEDGE_EVERY = 100;
/** A burst is over when nothing has come for so long. */
const BURST_MS = 200;

const frameSchema = z.object({ cursor: z.string(), event: z.object({ id: z.string() }).optional() });

/** Follows the feed over WebSockets; says how many events it has, and comes again with the last cursor. */
export function subscribeByWebSocket(options: FeedOptions): Subscriber {
  return keepConnected({ kind: "websocket", connect: (notebook, signal) => listen(options, notebook, signal) });
}

/** Resolves when the connection is over. */
async function listen(options: FeedOptions, notebook: Notebook, left: AbortSignal): Promise<void> {
  const url = feedUrl(options, notebook.cursor);
  url.protocol = "ws:";
  const socket = new WebSocket(url, { headers: { "X-API-Key": options.apiKey } });
  const closed = new Promise<void>((resolve) => {
    // After an error the close follows.
    socket.addEventListener("close", () => resolve(), { once: true });
  });
  const leave = (): void => socket.close();
  left.addEventListener("abort", leave, { once: true });
  const silence = setTimeout(leave, SILENCE_MS);
  const acknowledge = createAcknowledgement((received) => socket.send(JSON.stringify({ received })));
  socket.addEventListener("message", ({ data }) => {
    silence.refresh();
    const frame = readFrame(data);
    if (frame === null) return void notebook.invalid.push(`a frame: ${String(data).slice(0, 100)}`);
    notebook.cursor = frame.cursor;
    if (frame.event === undefined) return;
    notebook.ids.push(frame.event.id);
    acknowledge.count();
  });
  await closed;
  clearTimeout(silence);
  acknowledge.end();
  left.removeEventListener("abort", leave);
}

function readFrame(data: unknown): z.infer<typeof frameSchema> | null {
  try {
    return frameSchema.parse(JSON.parse(String(data)));
  } catch {
    return null;
  }
}

/** Says the number of events of this connection: after so many, and at the end of a burst. */
function createAcknowledgement(say: (received: number) => void) {
  let received = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    count(): void {
      received += 1;
      clearTimeout(timer);
      if (received % ACKNOWLEDGE_EVERY === 0) return say(received);
      timer = setTimeout(() => say(received), BURST_MS);
    },
    end: (): void => clearTimeout(timer),
  };
}
