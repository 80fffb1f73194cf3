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
  authenticate(presented: PresentedCredentials): Authentication | Promise<Authentication>;
}

export interface AuthenticatorOptions {
  /** Null when no keys are configured; a presented one then does not matter. */
  readonly apiKeys: ApiKeyVerifier | null;
  /** Null when no issuer is configured; a presented token then does not matter. */
  readonly tokens: TokenVerifier | null;
}

type Outcome = Authentication | Promise<Authentication>;

/** Without keys and without an issuer everybody is admitted, which configuration allows in development only. */
export function createAuthenticator({ apiKeys, tokens }: AuthenticatorOptions): Authenticator {
  if (apiKeys === null && tokens === null) return { authenticate: () => ANONYMOUS_ACCESS };

  const byToken = (presented: PresentedCredentials, otherwise: Authentication): Outcome => {
    const token = tokens === null ? null : parseBearerToken(presented.authorization);
    return tokens === null || token === null ? otherwise : checkToken(tokens, token, presented.deadline);
  };
  const afterKey = (presented: PresentedCredentials, principal: Principal | null): Outcome =>
    // Before the token, which may cost a fetch.
    principal === null ? INVALID_API_KEY : byToken(presented, { kind: "authenticated", principal });

  return {
    authenticate(presented) {
      const apiKey = apiKeys === null ? null : presented.apiKey;
      if (apiKeys === null || apiKey === null || apiKey === "") return byToken(presented, MISSING);
      const principal = apiKeys.verify(apiKey);
      if (!(principal instanceof Promise)) return afterKey(presented, principal);
      return principal.then((settled) => afterKey(presented, settled));
    },
  };
}

const ANONYMOUS_ACCESS: Authentication = { kind: "authenticated", principal: ANONYMOUS };
const MISSING: Authentication = { kind: "missing" };
const INVALID_API_KEY: Authentication = { kind: "invalid-api-key" };

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
function parseBearerToken(authorization: string | null): string | null {
  const match = BEARER.exec(authorization ?? "");
  return match === null ? null : (match[1] ?? "");
}
