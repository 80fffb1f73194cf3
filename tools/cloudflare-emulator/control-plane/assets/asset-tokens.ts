import { randomBytes } from "node:crypto";

import { jwtVerify, SignJWT } from "jose";

const LIFETIME_S = 3_600;

/** Tokens that carry an id; wrangler reads the time at which they expire. */
export interface Tokens {
  sign(id: string): Promise<string>;
  /** The id, or null when the token is forged or too old. */
  read(token: string): Promise<string | null>;
}

/** JSON Web Tokens under a key of this process: an upload does not outlive a restart. */
export function createTokens(now: () => Date): Tokens {
  const key = randomBytes(32);
  return {
    async sign(id) {
      const issuedAt = now();
      const expiresAt = new Date(issuedAt.getTime() + LIFETIME_S * 1_000);
      const token = new SignJWT({ sub: id }).setProtectedHeader({ alg: "HS256", typ: "JWT" });
      return await token.setIssuedAt(issuedAt).setExpirationTime(expiresAt).sign(key);
    },
    async read(token) {
      try {
        const { payload } = await jwtVerify(token, key, { algorithms: ["HS256"], currentDate: now() });
        return payload.sub ?? null;
      } catch {
        return null;
      }
    },
  };
}
