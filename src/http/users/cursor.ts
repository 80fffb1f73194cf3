import { AppError } from "../../models/errors.ts";
import type { PagePosition } from "../../models/page.ts";
import type { UserQuery } from "../../models/user-list.ts";

/** The list that a cursor belongs to: its order and its conditions. */
export type CursorScope = Pick<UserQuery, "sort" | "filter">;

/** Turns positions into opaque cursors and back. */
export interface CursorCodec {
  encode(position: PagePosition, scope: CursorScope): Promise<string>;
  /** Fails with `invalid-cursor` for anything that `encode` did not make for the same scope. */
  decode(cursor: string, scope: CursorScope): Promise<PagePosition>;
}

/** Changing the layout of a cursor means changing this, so that older cursors are refused instead of misread. */
const FORMAT = "users.v2";

/** 128 bits cannot be guessed. */
const MAC_BYTES = 16;
const PAYLOAD = /^([0-9a-z]{3,50}|[-0-9T:.]{23}Z)\|([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

type HmacKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/**
 * A cursor is base64url(MAC ‖ payload): HMAC-SHA-256, cut to 16 bytes, over format, scope and the payload
 * `<key>|<id>`. Clients cannot make or change one, nor use it for another sort or filter.
 */
export function createCursorCodec({ secret }: { readonly secret: string }): CursorCodec {
  const encoder = new TextEncoder();
  let key: HmacKey | null = null;

  const computeMac = async (payload: string, scope: CursorScope): Promise<string> => {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    key ??= await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
    const mac = await crypto.subtle.sign("HMAC", key, encoder.encode(`${FORMAT}\n${describe(scope)}\n${payload}`));
    return String.fromCharCode(...new Uint8Array(mac, 0, MAC_BYTES));
  };

  return {
    async encode(position, scope) {
      const payload = `${position.key}|${position.id}`;
      return toBase64Url(`${await computeMac(payload, scope)}${payload}`);
    },

    async decode(cursor, scope) {
      const bytes = fromBase64Url(cursor);
      const payload = bytes?.slice(MAC_BYTES) ?? "";
      const [, sortKey, id] = PAYLOAD.exec(payload) ?? [];
      if (bytes === null || sortKey === undefined || id === undefined) throw new AppError("invalid-cursor");
      const isGenuine = bytes.slice(0, MAC_BYTES) === (await computeMac(payload, scope));
      if (!isGenuine) throw new AppError("invalid-cursor");
      return { key: sortKey, id };
    },
  };
}

function describe({ sort, filter }: CursorScope): string {
  const { usernamePrefix, email, createdAfter, createdBefore } = filter;
  return JSON.stringify([sort, usernamePrefix, email, createdAfter, createdBefore]);
}

function toBase64Url(binary: string): string {
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Null for text that is not the one canonical base64url form of its bytes. */
function fromBase64Url(text: string): string | null {
  if (!/^[A-Za-z0-9_-]{1,256}$/.test(text)) return null;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return toBase64Url(binary) === text ? binary : null;
  } catch {
    return null;
  }
}
