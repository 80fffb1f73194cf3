import type { JSONWebKeySet, JWK } from "jose";

import { AppError } from "../models/errors.ts";
import type { Deadline } from "../resilience/deadline.ts";

/** The issuer's public keys, kept for as long as the isolate lives. */
export interface JwksCache {
  /**
   * The keys, fetched when there are none yet or when they are too old. Keys that cannot be renewed serve on.
   * @throws AppError `credentials-unverifiable` without usable keys, `deadline-exceeded` when the request's time is up
   */
  current(deadline: Deadline): Promise<JSONWebKeySet>;
  /**
   * For a token whose key is not among `known`: keys fetched since, or `known` itself while the cool-down forbids to ask.
   * @throws AppError `credentials-unverifiable` when the issuer cannot be asked, `deadline-exceeded` as above
   */
  newerThan(known: JSONWebKeySet, deadline: Deadline): Promise<JSONWebKeySet>;
}

/** Why keys could not be fetched; goes to the log. */
export type JwksFailure = "unreachable" | "timed-out" | "bad-status" | "too-large" | "malformed";

/** As much of `fetch` as is needed. */
export type JwksFetch = (
  url: string,
  init: {
    readonly headers: Readonly<Record<string, string>>;
    readonly redirect: "manual";
    readonly signal: AbortSignal;
  },
) => Promise<Response>;

export interface JwksCacheOptions {
  /** Where the issuer publishes its JSON Web Key Set (RFC 7517 section 5). */
  readonly url: string;
  readonly fetch: JwksFetch;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Called for every failed fetch, also when older keys hide the failure from callers. */
  readonly onFailure: (failure: JwksFailure, error: unknown) => void;
  readonly limits?: JwksLimits;
}

export interface JwksLimits {
  /** Longest wait for one fetch, in milliseconds. Shorter than a request's deadline, so that older keys can still serve it. */
  readonly fetchTimeoutMs: number;
  /** Age in milliseconds from which keys are renewed: so long a key that the issuer withdrew is still accepted. */
  readonly timeToLiveMs: number;
  /** Age in milliseconds up to which keys serve while they cannot be renewed. */
  readonly maxStaleMs: number;
  /** Milliseconds between two searches for an unknown key, and between two renewals that fail: anyone can make up a `kid`. */
  readonly coolDownMs: number;
  /** Milliseconds after a failed fetch in which requests that cannot do without are refused without another one. */
  readonly failureBackoffMs: number;
  /** Largest key set that is read, in bytes; real ones have a few thousand. */
  readonly maxBytes: number;
}

export const JWKS_LIMITS: JwksLimits = {
  fetchTimeoutMs: 2_000,
  timeToLiveMs: 10 * 60_000,
  maxStaleMs: 24 * 60 * 60_000,
  coolDownMs: 30_000,
  failureBackoffMs: 1_000,
  maxBytes: 64 * 1024,
};

/**
 * Caches plain JSON only. Promises, streams and signals belong to the request that made them, and workerd does not let
 * another one wait for them; so requests that need keys at the same moment each fetch them.
 */
export function createJwksCache({ url, fetch, clock, onFailure, limits = JWKS_LIMITS }: JwksCacheOptions): JwksCache {
  let cached: { readonly keySet: JSONWebKeySet; readonly asOf: number } | null = null;
  let startedAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let searchedAt = Number.NEGATIVE_INFINITY;

  const load = async (deadline: Deadline): Promise<JSONWebKeySet> => {
    const asOf = clock();
    startedAt = asOf;
    const limit = deadline.within(limits.fetchTimeoutMs);
    try {
      const keySet = await limit.race(download(url, fetch, limit.signal, limits.maxBytes));
      // Of two fetches at the same time the later one knows more, whichever ends last.
      if (cached === null || cached.asOf <= asOf) cached = { keySet, asOf };
      return keySet;
    } catch (error) {
      failedAt = clock();
      onFailure(classifyFailure(error, limit.signal), error);
      throw new AppError(deadline.signal.aborted ? "deadline-exceeded" : "credentials-unverifiable", { cause: error });
    }
  };

  const loadUnlessJustFailed = async (deadline: Deadline): Promise<JSONWebKeySet> => {
    if (clock() - failedAt < limits.failureBackoffMs) throw new AppError("credentials-unverifiable");
    return await load(deadline);
  };

  return {
    async current(deadline) {
      const age = cached === null ? Number.POSITIVE_INFINITY : clock() - cached.asOf;
      if (cached === null || age >= limits.maxStaleMs) return await loadUnlessJustFailed(deadline);
      const { keySet } = cached;
      const isCoolingDown = clock() - startedAt < limits.coolDownMs;
      if (age < limits.timeToLiveMs || isCoolingDown) return keySet;
      // The failure is reported by then, and these keys are still the best there are.
      return await load(deadline).catch(() => keySet);
    },

    async newerThan(known, deadline) {
      if (cached !== null && cached.keySet !== known) return cached.keySet;
      if (clock() - searchedAt < limits.coolDownMs) return known;
      const keySet = await loadUnlessJustFailed(deadline);
      searchedAt = clock();
      return keySet;
    },
  };
}

class JwksError extends Error {
  override readonly name = "JwksError";
  readonly failure: JwksFailure;

  constructor(failure: JwksFailure, options?: ErrorOptions) {
    super(failure, options);
    this.failure = failure;
  }
}

function classifyFailure(error: unknown, { aborted }: AbortSignal): JwksFailure {
  if (error instanceof JwksError) return error.failure;
  return aborted ? "timed-out" : "unreachable";
}

/** Redirects are refused: the keys that decide about every token come from the configured place only. */
async function download(url: string, fetch: JwksFetch, signal: AbortSignal, maxBytes: number): Promise<JSONWebKeySet> {
  const headers = { Accept: "application/jwk-set+json, application/json" };
  const response = await fetch(url, { headers, redirect: "manual", signal });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new JwksError("bad-status");
  }
  return parseKeySet(await readText(response, maxBytes));
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = "";
  let size = 0;
  for (let chunk = await reader?.read(); chunk?.value !== undefined; chunk = await reader?.read()) {
    size += chunk.value.byteLength;
    if (size > maxBytes) {
      await reader?.cancel();
      throw new JwksError("too-large");
    }
    text += decoder.decode(chunk.value, { stream: true });
  }
  return text + decoder.decode();
}

/** A set without keys is valid: it is how an issuer withdraws all of them. */
function parseKeySet(text: string): JSONWebKeySet {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new JwksError("malformed", { cause });
  }
  const keys = typeof json === "object" && json !== null && "keys" in json ? json.keys : null;
  if (!Array.isArray(keys)) throw new JwksError("malformed");
  return { keys: keys.filter(isPublicKey) };
}

const PUBLIC_KEY_TYPES: ReadonlySet<unknown> = new Set(["RSA", "EC", "OKP"]);

/** RFC 7517 section 5 wants unknown keys to be ignored. So are secrets: whoever reads the set could sign with them. */
function isPublicKey(key: unknown): key is JWK {
  return typeof key === "object" && key !== null && "kty" in key && PUBLIC_KEY_TYPES.has(key.kty) && !("d" in key);
}
