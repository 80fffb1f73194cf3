import type { PagePosition } from "../../models/page.ts";
import type { UserQuery } from "../../models/user-list.ts";
import { createCursorSigner } from "../signed-cursor.ts";

/** The list that a cursor belongs to: its order and its conditions. */
export type CursorScope = Pick<UserQuery, "sort" | "filter">;

/** Turns positions into opaque cursors and back. */
export interface CursorCodec {
  encode(position: PagePosition, scope: CursorScope): Promise<string>;
  /** Fails with `invalid-cursor` for anything that `encode` did not make for the same scope. */
  decode(cursor: string, scope: CursorScope): Promise<PagePosition>;
}

/** `<key>|<id>` */
const PAYLOAD = /^([0-9a-z]{3,50}|[-0-9T:.]{23}Z)\|([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Clients cannot make or change a cursor, nor use it for another sort or filter. */
export function createCursorCodec({ secret }: { readonly secret: string }): CursorCodec {
  const signer = createCursorSigner({ secret, format: "users.v2" });
  return {
    encode: (position, scope) => signer.sign(`${position.key}|${position.id}`, describe(scope)),

    async decode(cursor, scope) {
      const [key = "", id = ""] = await signer.open(cursor, PAYLOAD, describe(scope));
      return { key, id };
    },
  };
}

function describe({ sort, filter }: CursorScope): string {
  const { usernamePrefix, email, createdAfter, createdBefore } = filter;
  return JSON.stringify([sort, usernamePrefix, email, createdAfter, createdBefore]);
}
