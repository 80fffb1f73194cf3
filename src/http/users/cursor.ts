import { AppError } from "../../models/errors.ts";
import type { PagePosition } from "../../models/page.ts";

/** Turns positions into opaque cursors and back. */
export interface CursorCodec {
  encode(position: PagePosition): Promise<string>;
  /** Fails with `invalid-cursor` for anything that `encode` did not make. */
  decode(cursor: string): Promise<PagePosition>;
}

/** Changing the layout of a cursor means changing this, so that older cursors are refused instead of misread. */
const FORMAT = "users.v1";

/** 128 bits cannot be guessed. */
const MAC_BYTES = 16;
const PAYLOAD = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

type HmacKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/**
 * A cursor is base64url(MAC ‖ payload): HMAC-SHA-256, cut to 16 bytes, over the format and the payload
 * `<created_at in ms>.<id>`. Clients cannot make or change one.
 */
export function createCursorCodec({ secret }: { readonly secret: string }): CursorCodec {
  const encoder = new TextEncoder();
  let key: HmacKey | null = null;

  const computeMac = async (payload: string): Promise<Uint8Array> => {
    key ??= await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
    ]);
    const mac = await crypto.subtle.sign("HMAC", key, encoder.encode(`${FORMAT}\n${payload}`));
    return new Uint8Array(mac, 0, MAC_BYTES);
  };

  return {
    async encode({ createdAt, id }) {
      const payload = `${createdAt.getTime()}.${id}`;
      const mac = await computeMac(payload);
      return toBase64Url(`${String.fromCharCode(...mac)}${payload}`);
    },

    async decode(cursor) {
      const bytes = fromBase64Url(cursor);
      const payload = bytes?.slice(MAC_BYTES) ?? "";
      const [, milliseconds, id] = PAYLOAD.exec(payload) ?? [];
      if (bytes === null || milliseconds === undefined || id === undefined) throw new AppError("invalid-cursor");
      const isGenuine = bytes.slice(0, MAC_BYTES) === String.fromCharCode(...(await computeMac(payload)));
      if (!isGenuine) throw new AppError("invalid-cursor");
      return { createdAt: new Date(Number(milliseconds)), id };
    },
  };
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
