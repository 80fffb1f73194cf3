import type { PagePosition } from "../../models/page.ts";
import type { DeliveryState } from "../../models/webhook.ts";
import { createCursorSigner } from "../signed-cursor.ts";

/** The list that a cursor belongs to. */
export interface DeliveryScope {
  /** Id of the endpoint. */
  readonly id: string;
  readonly state: DeliveryState | null;
}

/** Turns places in lists of deliveries into opaque cursors and back. */
export interface DeliveryCursorCodec {
  encode(position: PagePosition, scope: DeliveryScope): Promise<string>;
  /** Fails with `invalid-cursor` for anything that `encode` did not make for the same scope. */
  decode(cursor: string, scope: DeliveryScope): Promise<PagePosition>;
}

/** `<time>|<id>` */
const PAYLOAD = /^([-0-9T:.]{23}Z)\|([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export function createDeliveryCursorCodec({ secret }: { readonly secret: string }): DeliveryCursorCodec {
  const signer = createCursorSigner({ secret, format: "webhook-deliveries.v1" });
  return {
    encode: ({ key, id }, scope) => signer.sign(`${key}|${id}`, describe(scope)),

    async decode(cursor, scope) {
      const [key = "", id = ""] = await signer.open(cursor, PAYLOAD, describe(scope));
      return { key, id };
    },
  };
}

function describe({ id, state }: DeliveryScope): string {
  return JSON.stringify([id, state]);
}
