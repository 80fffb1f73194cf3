import { PLAIN_KEY_CALLER, type Principal, type Scope } from "../models/principal.ts";
import { sha256Hex } from "./sha256-hex.ts";

/** One accepted key, known by its digest only. */
export interface ApiKeyEntry {
  readonly id: string;
  /** SHA-256 of the key, 64 hex digits. */
  readonly sha256: string;
  readonly scopes: readonly Scope[];
}

export interface ApiKeyVerifier {
  /** The caller whose key this is; null when it is nobody's. A key that was right before is recognised at once. */
  verify(presentedKey: string): Principal | null | Promise<Principal | null>;
}

export interface ApiKeyVerifierOptions {
  /** A single key with all scopes; null when there is none. */
  readonly plainKey: string | null;
  readonly entries: readonly ApiKeyEntry[];
}

/**
 * Checks keys by digest: what a lookup of a digest takes tells nothing about any key, and does not grow with their number.
 * Right keys are remembered, for each of them would be hashed for each of its requests.
 */
export function createApiKeyVerifier({ plainKey, entries }: ApiKeyVerifierOptions): ApiKeyVerifier {
  const byDigest = new Map<string, Principal>(
    entries.map(({ id, scopes, sha256: digest }) => [digest.toLowerCase(), { id, scopes }]),
  );
  const verifiedKeys = new Map<string, Principal>();
  let isPlainKeyHashed = plainKey === null;

  const check = async (presentedKey: string): Promise<Principal | null> => {
    if (!isPlainKeyHashed && plainKey !== null) {
      // Hashing is asynchronous, which global scope does not allow; so the plain key waits for the first request.
      byDigest.set(await sha256Hex(plainKey), PLAIN_KEY_CALLER);
      isPlainKeyHashed = true;
    }
    const principal = byDigest.get(await sha256Hex(presentedKey)) ?? null;
    if (principal !== null) verifiedKeys.set(presentedKey, principal);
    return principal;
  };

  return {
    // Wrong keys are never among the remembered ones: each takes the way by its digest, whatever it has in common with a right one.
    verify: (presentedKey) => verifiedKeys.get(presentedKey) ?? check(presentedKey),
  };
}
