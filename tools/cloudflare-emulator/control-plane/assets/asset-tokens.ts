import { createHmac, randomBytes } from "node:crypto";

const LIFETIME_S = 3_600;

/** Tokens that carry an id; wrangler reads the time at which they expire. */
export interface Tokens {
  sign(id: string): string;
  /** The id, or null when the token is forged or too old. */
  read(token: string): string | null;
}

/** JSON Web Tokens under a key of this process: an upload does not outlive a restart. */
export function createTokens(now: () => Date): Tokens {
  const key = randomBytes(32);
  const signatureOf = (text: string): string => createHmac("sha256", key).update(text).digest("base64url");
  const seconds = (): number => Math.floor(now().getTime() / 1_000);
  const header = encode({ alg: "HS256", typ: "JWT" });
  return {
    sign(id) {
      const text = `${header}.${encode({ sub: id, iat: seconds(), exp: seconds() + LIFETIME_S })}`;
      return `${text}.${signatureOf(text)}`;
    },
    read(token) {
      const [head = "", payload = "", signature = ""] = token.split(".");
      if (signature !== signatureOf(`${head}.${payload}`)) return null;
      const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
      return readSubject(claims, seconds());
    },
  };
}

function readSubject(claims: unknown, nowS: number): string | null {
  if (typeof claims !== "object" || claims === null || !("sub" in claims) || !("exp" in claims)) return null;
  return typeof claims.sub === "string" && Number(claims.exp) > nowS ? claims.sub : null;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
