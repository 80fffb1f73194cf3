import { ANONYMOUS, type Principal } from "../models/principal.ts";
import type { Deadline } from "../resilience/deadline.ts";
import type { ApiKeyVerifier } from "./api-keys.ts";
import type { TokenRefusal, TokenVerifier } from "./token-verifier.ts";

/** What a request presents. */
export interface PresentedCredentials {
  /** Value of `X-API-Key`; null or empty when absent. */
  readonly apiKey: string | null;
  /** Value of `Authorization`; null or empty when absent. */
  readonly authorization: string | null;
  /** Bounds the fetch of keys that a token may need. */
  readonly deadline: Deadline;
}

export type Authentication =
  | { readonly kind: "authenticated"; readonly principal: Principal }
  | { readonly kind: "missing" }
  | { readonly kind: "invalid-api-key" }
  | { readonly kind: "invalid-token"; readonly reason: TokenRefusal };

export interface Authenticator {
  /**
   * Either an API key or a bearer token (RFC 6750 section 2.1) suffices. Whoever presents both needs both to be right,
   * and is the token's caller, with the token's scopes: a key names a program, a token who is using it.
   * @throws AppError `credentials-unverifiable` when a token cannot be checked, `deadline-exceeded` when time is up
   */
  authenticate(presented: PresentedCredentials): Promise<Authentication>;
}

export interface AuthenticatorOptions {
  /** Null when no keys are configured; a presented one then does not matter. */
  readonly apiKeys: ApiKeyVerifier | null;
  /** Null when no issuer is configured; a presented token then does not matter. */
  readonly tokens: TokenVerifier | null;
}

/** Without keys and without an issuer everybody is admitted, which configuration allows in development only. */
export function createAuthenticator({ apiKeys, tokens }: AuthenticatorOptions): Authenticator {
  return {
    async authenticate({ apiKey, authorization, deadline }) {
      if (apiKeys === null && tokens === null) return { kind: "authenticated", principal: ANONYMOUS };
      let result: Authentication = { kind: "missing" };
      if (apiKeys !== null && apiKey !== null && apiKey !== "") {
        const principal = await apiKeys.verify(apiKey);
        // Before the token, which may cost a fetch.
        if (principal === null) return { kind: "invalid-api-key" };
        result = { kind: "authenticated", principal };
      }
      const token = tokens === null ? null : bearerTokenOf(authorization);
      return tokens === null || token === null ? result : await checkToken(tokens, token, deadline);
    },
  };
}

async function checkToken(tokens: TokenVerifier, token: string, deadline: Deadline): Promise<Authentication> {
  if (!B64TOKEN.test(token)) return { kind: "invalid-token", reason: "malformed" };
  const verdict = await tokens.verify(token, deadline);
  return verdict.ok
    ? { kind: "authenticated", principal: verdict.principal }
    : { kind: "invalid-token", reason: verdict.reason };
}

/** RFC 6750 section 2.1. */
const B64TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** The scheme is case-insensitive (RFC 9110 section 11.1). */
const BEARER = /^bearer(?: +(.*))?$/i;

/** What stands after the scheme, well-formed or not; null for other schemes, which are not ours to judge. */
function bearerTokenOf(authorization: string | null): string | null {
  const match = BEARER.exec(authorization ?? "");
  return match === null ? null : (match[1] ?? "");
}
