import { createLocalJWKSet, decodeProtectedHeader, errors, jwtVerify, type JSONWebKeySet, type JWTPayload } from "jose";

import { SCOPES, type Principal, type Scope } from "../models/principal.ts";
import type { Deadline } from "../resilience/deadline.ts";
import type { JwksCache } from "./jwks.ts";
import { sha256Hex } from "./sha256-hex.ts";

/** Why a token was refused. Goes to the log; a client learns only that its token is invalid (RFC 6750 section 3.1). */
export type TokenRefusal =
  | "too-large"
  | "malformed"
  | "wrong-type"
  | "algorithm-not-allowed"
  | "unknown-key"
  | "unusable-key"
  | "wrong-signature"
  | "expired"
  | "not-yet-valid"
  | "wrong-issuer"
  | "wrong-audience"
  | "missing-claim"
  | "invalid-claim";

export type TokenVerdict =
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly reason: TokenRefusal };

export interface TokenVerifier {
  /**
   * Checks a signed JWT (RFC 7519) or JWT access token (RFC 9068) and tells whose it is.
   * @throws AppError `credentials-unverifiable` without keys to check it with, `deadline-exceeded` when time is up
   */
  verify(token: string, deadline: Deadline): Promise<TokenVerdict>;
}

export interface TokenVerifierOptions {
  /** What `iss` must be, to the letter. */
  readonly issuer: string;
  /** What `aud` must be or contain. */
  readonly audience: string;
  readonly keys: JwksCache;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Asymmetric only: with `none` or HS* anyone could sign, the latter with the public key as the secret (RFC 8725 section 2.1). */
const ALGORITHMS: readonly string[] = ["RS256", "PS256", "ES256", "EdDSA"];

/** RFC 8725 section 3.11: a token made for another purpose, such as a logout, must not pass. */
const TYPES: readonly string[] = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"];

/** Characters; more than any real token has, less than is worth checking a signature over. */
const MAX_TOKEN_LENGTH = 8_192;

/** How far the clocks of issuer and Worker may differ, in seconds. */
const CLOCK_SKEW_S = 30;

/** Characters; the bound of OpenID Connect Core section 2. */
const MAX_SUBJECT_LENGTH = 255;

/** Checks tokens of one issuer for one audience. Nothing about a token is believed before its signature is right. */
export function createTokenVerifier({ issuer, audience, keys, clock }: TokenVerifierOptions): TokenVerifier {
  // jose imports each key once per resolver; that is computation only, so requests may share it, unlike I/O.
  const resolvers = new WeakMap<JSONWebKeySet, ReturnType<typeof createLocalJWKSet>>();

  const check = async (token: string, keySet: JSONWebKeySet): Promise<TokenVerdict> => {
    const resolver = resolvers.get(keySet) ?? createLocalJWKSet(keySet);
    resolvers.set(keySet, resolver);
    const options = {
      issuer,
      audience,
      algorithms: [...ALGORITHMS],
      requiredClaims: ["exp", "sub"],
      clockTolerance: CLOCK_SKEW_S,
      currentDate: new Date(clock()),
    };
    try {
      const { payload } = await jwtVerify(token, resolver, options);
      return await verifyClaims(issuer, payload);
    } catch (error) {
      return refuse(rejectionReason(error));
    }
  };

  return {
    async verify(token, deadline) {
      const reason = precheckToken(token);
      if (reason !== null) return refuse(reason);
      const known = await keys.current(deadline);
      const verdict = await check(token, known);
      if (verdict.ok || verdict.reason !== "unknown-key") return verdict;
      const newer = await keys.newerThan(known, deadline);
      return newer === known ? verdict : await check(token, newer);
    },
  };
}

function refuse(reason: TokenRefusal): TokenVerdict {
  return { ok: false, reason };
}

/** What can be refused without keys, so that such tokens never cause a fetch. */
function precheckToken(token: string): TokenRefusal | null {
  if (token.length > MAX_TOKEN_LENGTH) return "too-large";
  const header = decodeHeader(token);
  if (header === null) return "malformed";
  if (header.typ !== undefined && !TYPES.includes(String(header.typ).toLowerCase())) return "wrong-type";
  return ALGORITHMS.includes(String(header.alg)) ? null : "algorithm-not-allowed";
}

function decodeHeader(token: string): ReturnType<typeof decodeProtectedHeader> | null {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return null;
  }
}

async function verifyClaims(issuer: string, { sub, scope, scp }: JWTPayload): Promise<TokenVerdict> {
  if (typeof sub !== "string" || sub === "" || sub.length > MAX_SUBJECT_LENGTH) return refuse("invalid-claim");
  return { ok: true, principal: { id: await principalId(issuer, sub), scopes: grantedScopes(scope ?? scp) } };
}

/** Subjects may be addresses or names; the log and the rate limiter only need to tell callers apart. */
async function principalId(issuer: string, subject: string): Promise<string> {
  const digest = await sha256Hex(JSON.stringify([issuer, subject]));
  return `jwt:${digest.slice(0, 16)}`;
}

/** `scope` is one text (RFC 8693 section 4.2); some issuers send `scp` instead, as a text or a list. */
function grantedScopes(claim: unknown): readonly Scope[] {
  const granted: readonly unknown[] = typeof claim === "string" ? claim.split(" ") : Array.isArray(claim) ? claim : [];
  return SCOPES.filter((scope) => granted.includes(scope));
}

const REFUSALS: Readonly<Record<string, TokenRefusal>> = {
  [errors.JWTExpired.code]: "expired",
  [errors.JOSEAlgNotAllowed.code]: "algorithm-not-allowed",
  [errors.JWKSNoMatchingKey.code]: "unknown-key",
  // Without a `kid` several keys may fit; guessing would mean a signature check for each.
  [errors.JWKSMultipleMatchingKeys.code]: "unknown-key",
  [errors.JWSSignatureVerificationFailed.code]: "wrong-signature",
  [errors.JWSInvalid.code]: "malformed",
  [errors.JWTInvalid.code]: "malformed",
  [errors.JOSENotSupported.code]: "malformed",
};

const CLAIM_REFUSALS: Readonly<Record<string, TokenRefusal>> = {
  iss: "wrong-issuer",
  aud: "wrong-audience",
  nbf: "not-yet-valid",
};

/** What is no error of the token is one of the key it names: jose and WebCrypto refuse weak and broken ones. */
function rejectionReason(error: unknown): TokenRefusal {
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.reason === "missing") return "missing-claim";
    return error.reason === "check_failed" ? (CLAIM_REFUSALS[error.claim] ?? "invalid-claim") : "invalid-claim";
  }
  return (error instanceof errors.JOSEError ? REFUSALS[error.code] : undefined) ?? "unusable-key";
}
