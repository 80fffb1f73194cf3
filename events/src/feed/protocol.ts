import { z } from "zod";

import { toEventBody } from "../../../src/models/user-event-body.ts";
import type { UserEvent } from "../../../src/models/user-event.ts";

/** Why a socket is over. */
export type SocketEnd =
  | "finished"
  | "reader_left"
  | "reader_too_slow"
  | "reader_unclear"
  | "cursor_expired"
  | "database_failed";

/** What a client is told when the feed ends its socket (RFC 6455 section 7.4); a reason has 123 bytes at most. */
export const CLOSINGS: Readonly<Record<SocketEnd, { readonly code: number; readonly reason: string }>> = {
  // The answer to the client's own closing.
  reader_left: { code: 1000, reason: "" },
  finished: { code: 1001, reason: "time is over: come again with your last cursor" },
  reader_too_slow: { code: 1008, reason: "too slow: come again with your last cursor" },
  reader_unclear: { code: 1008, reason: 'not understood: say {"received":N}, the number of events that have arrived' },
  cursor_expired: { code: 1008, reason: "cursor expired: read the users anew, and follow from a new cursor" },
  database_failed: { code: 1013, reason: "not available: come again later, with your last cursor" },
};

/** Answered by the platform, without waking anybody. */
export const PING = "ping";
export const PONG = "pong";

/** An event with the cursor behind it. */
export function eventFrame(cursor: string, event: UserEvent): string {
  return JSON.stringify({ cursor, event: toEventBody(event) });
}

/** A cursor alone: where one may continue, though nothing has happened. */
export function cursorFrame(cursor: string): string {
  return JSON.stringify({ cursor });
}

/** More than the only message that there is can have. */
const MAX_MESSAGE_LENGTH = 64;

const acknowledgement = z.strictObject({ received: z.int().min(0) });

/** How many events the client says it has received; null for whatever else it says. */
export function readAcknowledgement(message: string | ArrayBuffer): number | null {
  if (typeof message !== "string" || message.length > MAX_MESSAGE_LENGTH) return null;
  const { success, data } = acknowledgement.safeParse(parse(message));
  return success ? data.received : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
