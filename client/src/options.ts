import { DEFAULT_RETRY, type RetryPolicy } from "./retry.ts";
import { sleep } from "./sleep.ts";

/** A bearer token, or what gives one before each request: a cache with renewal, for instance. */
export type TokenSource = string | (() => string | Promise<string>);

/** Differences from the default policy. */
export type RetryOptions = { readonly [Name in keyof RetryPolicy]?: RetryPolicy[Name] | undefined };

export interface UsersClientOptions {
  /** Where the service is, such as `https://users.example.com`; with a path when it is mounted below one. */
  readonly baseUrl: string | URL;
  /** Sent as `X-API-Key`. */
  readonly apiKey?: string | undefined;
  /** Sent as `Authorization: Bearer …`. */
  readonly token?: TokenSource | undefined;
  /** Sends a request; the global fetch when absent. In a Worker, a service binding's fetch fits. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Differences from 4 attempts, waits from up to 200 ms to up to 5 s, and 30 s in all; false for one attempt only. */
  readonly retry?: RetryOptions | false | undefined;
  /** Time for one attempt, until the last byte of its answer; 10,000 ms when absent. */
  readonly timeoutMs?: number | undefined;
  /** Makes the key of a creation that brings none; a random UUID when absent. */
  readonly newIdempotencyKey?: (() => string) | undefined;
  /** Waits; rejects with the signal's reason once that is aborted. For tests. */
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
  /** 0 to 1, for the jitter of the waits. For tests. */
  readonly random?: (() => number) | undefined;
  /** Milliseconds since 1970. For tests. */
  readonly now?: (() => number) | undefined;
}

/** The options with every gap filled. */
export interface Settings {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** The headers that authenticate a request. */
  readonly credentials: () => Promise<Readonly<Record<string, string>>>;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  readonly newIdempotencyKey: () => string;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random: () => number;
  readonly now: () => number;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** @throws TypeError when `baseUrl` is not an absolute URL */
export function resolveOptions(options: UsersClientOptions): Settings {
  const { origin, pathname } = new URL(options.baseUrl);
  return {
    baseUrl: origin + pathname.replace(/\/+$/, ""),
    credentials: () => credentialsOf(options),
    // Looked up for each request, and called as a function of its own: browsers refuse it as anybody's method.
    fetch: options.fetch ?? ((request) => globalThis.fetch(request)),
    retry: resolveRetry(options.retry === false ? { maxAttempts: 1 } : options.retry),
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    newIdempotencyKey: options.newIdempotencyKey ?? (() => crypto.randomUUID()),
    sleep: options.sleep ?? sleep,
    random: options.random ?? Math.random,
    now: options.now ?? Date.now,
  };
}

/** Takes the defaults for members that are there but undefined, too. */
function resolveRetry({ maxAttempts, baseDelayMs, maxDelayMs, maxTotalMs }: RetryOptions = {}): RetryPolicy {
  return {
    maxAttempts: maxAttempts ?? DEFAULT_RETRY.maxAttempts,
    baseDelayMs: baseDelayMs ?? DEFAULT_RETRY.baseDelayMs,
    maxDelayMs: maxDelayMs ?? DEFAULT_RETRY.maxDelayMs,
    maxTotalMs: maxTotalMs ?? DEFAULT_RETRY.maxTotalMs,
  };
}

async function credentialsOf({ apiKey, token }: UsersClientOptions): Promise<Readonly<Record<string, string>>> {
  const bearer = typeof token === "function" ? await token() : token;
  return {
    ...(apiKey === undefined ? {} : { "X-API-Key": apiKey }),
    ...(bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` }),
  };
}
