const encoder = new TextEncoder();

/** Cursors say for which list they are: here one without a filter, newest first. */
const NEWEST_FIRST = JSON.stringify(["-created_at", null, null, null, null]);

const FORMAT = "users.v2";
const MAC_BYTES = 16;

let key: Awaited<ReturnType<typeof crypto.subtle.importKey>> | null = null;

/** Signs where the next page starts, as the API does. `list` is the order and the four filters of the list, as JSON. */
export async function toCursor(secret: string, position: string, list: string = NEWEST_FIRST): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  key ??= await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, encoder.encode(`${FORMAT}\n${list}\n${position}`));
  const bytes = `${String.fromCharCode(...new Uint8Array(mac, 0, MAC_BYTES))}${position}`;
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
