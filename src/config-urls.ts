// What the configuration takes for the address of something.

/** Neon's driver reads the URL as one of http, whose hosts are stricter, and decodes its parts; its refusal quotes them. */
const isDriverUrl = (text: string): boolean => {
  if (!/^[\x21-\x7e]+$/.test(text)) return false;
  const url = URL.parse(text.replace(/^postgres(?:ql)?:/, "http:"));
  return url !== null && [url.username, url.password, url.pathname].every(isDecodable);
};

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

/** Of a PostgreSQL server, with a user, a host and a database, as the driver takes it. */
export const isPostgresUrl = (text: string): boolean => {
  if (!isDriverUrl(text)) return false;
  const url = URL.canParse(text) ? new URL(text) : null;
  const hasScheme = url?.protocol === "postgres:" || url?.protocol === "postgresql:";
  return url !== null && hasScheme && url.username !== "" && url.hostname !== "" && url.pathname.length > 1;
};

const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/**
 * Whoever reads along learns the database's password, and whoever can change what is answered can make tokens; only on this
 * machine may it be plain http.
 */
export const isTrustworthyUrl = (text: string): boolean =>
  isHttpUrl(text) &&
  (new URL(text).protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(new URL(text).hostname));

const isOrigin = (text: string): boolean => !text.includes("*") && isHttpUrl(text) && new URL(text).origin === text;

/** Origins separated by commas, or `*`. */
export const isOriginList = (text: string): boolean =>
  text === "*" || text.split(",").every((part) => isOrigin(part.trim()));
