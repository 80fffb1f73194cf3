import { PLAIN_KEY_CALLER, type Principal, type Scope } from "../models/principal.ts";

/** One accepted key, known by its digest only. */
export interface ApiKeyEntry {
  readonly id: string;
  /** SHA-256 of the key, 64 hex digits. */
  readonly sha256: string;
  readonly scopes: readonly Scope[];
}

export interface ApiKeyVerifier {
  /** The caller whose key this is; null when it is nobody's. */
  verify(presentedKey: string): Promise<Principal | null>;
}

export interface ApiKeyVerifierOptions {
  /** A single key with all scopes; null when there is none. */
  readonly plainKey: string | null;
  readonly entries: readonly ApiKeyEntry[];
}

/** Checks keys in constant time: digests of equal length are compared, all of them, every time. */
export function createApiKeyVerifier({ plainKey, entries }: ApiKeyVerifierOptions): ApiKeyVerifier {
  const known = entries.map(({ id, scopes, sha256: digest }) => ({
    principal: { id, scopes },
    digest: fromHex(digest),
  }));
  let isComplete = plainKey === null;

  return {
    async verify(presentedKey) {
      if (!isComplete && plainKey !== null) {
        // Hashing is asynchronous, which global scope does not allow; so the plain key waits for the first request.
        const digest = await sha256(plainKey);
        if (!isComplete) known.push({ principal: PLAIN_KEY_CALLER, digest });
        isComplete = true;
      }
      const presented = await sha256(presentedKey);
      let principal: Principal | null = null;
      for (const candidate of known) {
        if (isEqual(presented, candidate.digest)) principal = candidate.principal;
      }
      return principal;
    },
  };
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  let difference = left.length ^ right.length;
  for (let i = 0; i < left.length; i++) difference |= (left[i] ?? 0) ^ (right[i] ?? 0);
  return difference === 0;
}
