import { isPublicAddress } from "../../../src/models/public-address.ts";
import { findUrlRefusal, nameToResolve, type UrlRules } from "../../../src/models/webhook-url.ts";
import type { DeliveryFailure } from "../../../src/models/webhook.ts";
import { isDeadlineError } from "../../../src/resilience/deadline.ts";
import type { Failure } from "../models/delivery.ts";
import type { ResolveName } from "./resolve-name.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** What became of one attempt: the status of a 2xx, or how it went wrong. */
export type SendResult = { readonly status: number; readonly error: null } | Refusal;

/** How an attempt went wrong, and what the receiver said about the next one. */
export interface Refusal extends Failure {
  /** Milliseconds that it asks to be left alone; absent when it does not. */
  readonly retryAfterMs?: number;
}

/** Sends a signed event to a URL; never rejects. */
export type SendEvent = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<SendResult>;

export interface SenderOptions {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly resolve: ResolveName;
  readonly rules: UrlRules;
  /** For all of an attempt: the look at the name, and the answer of the receiver. */
  readonly timeoutMs: number;
}

export function createSender({ fetch, resolve, rules, timeoutMs }: SenderOptions): SendEvent {
  /** The URL was looked at when it was given; names and rules may have changed since. */
  const findRefusal = async (url: string, signal: AbortSignal): Promise<DeliveryFailure | null> => {
    if (findUrlRefusal(url, rules) !== null) return "address-refused";
    const name = nameToResolve(url, rules);
    if (name === null) return null;
    const addresses = await resolve(name, signal).catch(() => []);
    if (addresses.length === 0) return "name-unresolved";
    return addresses.every(isPublicAddress) ? null : "address-refused";
  };

  const post = async (url: string, init: RequestInit): Promise<SendResult> => {
    const response = await fetch(url, init);
    // Nobody reads what a receiver says; left alone, it would keep the connection.
    await response.body?.cancel().catch(() => undefined);
    return toResult(response);
  };

  return async (url, headers, body) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const refusal = await findRefusal(url, signal);
    if (refusal !== null) return { status: null, error: signal.aborted ? "timed-out" : refusal };
    try {
      return await post(url, {
        method: "POST",
        headers: { ...COMMON_HEADERS, ...headers },
        body,
        redirect: "manual",
        signal,
      });
    } catch (error) {
      return { status: null, error: isDeadlineError(error) ? "timed-out" : "connection-failed" };
    }
  };
}

const COMMON_HEADERS = {
  "Content-Type": "application/json; charset=utf-8",
  "User-Agent": "users-api-webhooks/1",
} as const;

function toResult({ status, headers }: Response): SendResult {
  if (status >= 200 && status <= 299) return { status, error: null };
  if (status >= 300 && status <= 399) return { status, error: "redirected" };
  const retryAfterMs = ASKING_FOR_TIME.has(status) ? parseRetryAfter(headers, Date.now()) : null;
  return { status, error: "http-status", ...(retryAfterMs === null ? {} : { retryAfterMs }) };
}

/** Too many requests, and unavailable: with these the receiver may say for how long. */
const ASKING_FOR_TIME: ReadonlySet<number> = new Set([429, 503]);
