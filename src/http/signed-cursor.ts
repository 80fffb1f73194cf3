import { AppError } from "../models/errors.ts";

/** 128 bits cannot be guessed. */
const MAC_BYTES = 16;

type HmacKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** Turns payloads into opaque cursors and back. A scope is all that a cursor belongs to beside its payload. */
export interface CursorSigner {
  sign(payload: string, scope: string): Promise<string>;
  /** The parts of the payload that `pattern` names. Fails with `invalid-cursor` for anything that `sign` did not make. */
  open(cursor: string, pattern: RegExp, scope: string): Promise<readonly string[]>;
}

export interface CursorSignerOptions {
  readonly secret: string;
  /** Changing the layout of a cursor means changing this, so that older cursors are refused instead of misread. */
  readonly format: string;
}

/** A cursor is base64url(MAC ‖ payload): HMAC-SHA-256, cut to 16 bytes, over format, scope and payload, each on a line. */
export function createCursorSigner({ secret, format }: CursorSignerOptions): CursorSigner {
  const encoder = new TextEncoder();
  let key: HmacKey | null = null;

  const computeMac = async (payload: string, scope: string): Promise<string> => {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    key ??= await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
    const mac = await crypto.subtle.sign("HMAC", key, encoder.encode(`${format}\n${scope}\n${payload}`));
    return String.fromCharCode(...new Uint8Array(mac, 0, MAC_BYTES));
  };

  return {
    sign: async (payload, scope) => toBase64Url(`${await computeMac(payload, scope)}${payload}`),

    async open(cursor, pattern, scope) {
      const bytes = fromBase64Url(cursor);
      const payload = bytes?.slice(MAC_BYTES) ?? "";
      const match = pattern.exec(payload);
      if (bytes === null || match === null) throw new AppError("invalid-cursor");
      const isGenuine = bytes.slice(0, MAC_BYTES) === (await computeMac(payload, scope));
      if (!isGenuine) throw new AppError("invalid-cursor");
      return match.slice(1);
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
