import type { EventFilter, EventPosition } from "../../models/user-event.ts";
import { createCursorSigner } from "../signed-cursor.ts";

/** Turns places in the feed into opaque cursors and back; those of a filter are good for this filter only. */
export interface EventCursorCodec {
  encode(position: EventPosition, filter: EventFilter): Promise<string>;
  /** Fails with `invalid-cursor` for anything that `encode` did not make for the same filter. */
  decode(cursor: string, filter: EventFilter): Promise<EventPosition>;
}

/** `<stamp>.<position>`; both fit into PostgreSQL's bigint. */
const PAYLOAD = /^(\d{1,19})\.(\d{1,19})$/;

export function createEventCursorCodec({ secret }: { readonly secret: string }): EventCursorCodec {
  const signer = createCursorSigner({ secret, format: "user-events.v1" });
  return {
    encode: ({ stamp, position }, filter) => signer.sign(`${stamp}.${position}`, describe(filter)),

    async decode(cursor, filter) {
      const [stamp = "", position = ""] = await signer.open(cursor, PAYLOAD, describe(filter));
      return { stamp: BigInt(stamp), position: BigInt(position) };
    },
  };
}

function describe({ type, userId }: EventFilter): string {
  return JSON.stringify([type, userId]);
}
