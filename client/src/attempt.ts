import type { Answer } from "./answer.ts";
import { MAX_TIMER_MS } from "./sleep.ts";

export interface AttemptLimits {
  /** Time until the last byte of the answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** All of a request but its signal, so that it can be sent more than once. */
export interface RequestPlan {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | null;
}

/**
 * Sends a request once and reads its answer to the end. Does not follow redirects: the service makes none, and another
 * host must not get the API key. Rejects with what fetch threw, with the caller's reason when `signal` is aborted, and
 * with a `TimeoutError` when the time is up, even if `fetch` does not listen to its signal.
 */
export async function attempt(
  fetch: (request: Request) => Promise<Response>,
  { url, ...plan }: RequestPlan,
  { timeoutMs, signal }: AttemptLimits,
): Promise<Answer> {
  const controller = new AbortController();
  const request = new Request(url, { ...plan, redirect: "manual", signal: controller.signal });
  const giveUp = (): void => controller.abort(signal?.reason);
  const timer = setTimeout(
    () => controller.abort(new DOMException(`No complete answer within ${timeoutMs} ms`, "TimeoutError")),
    Math.min(timeoutMs, MAX_TIMER_MS),
  );
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([fetchWhole(fetch, request), rejectOnAbort(controller.signal)]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

async function fetchWhole(fetch: (request: Request) => Promise<Response>, request: Request): Promise<Answer> {
  const response = await fetch(request);
  const { status, ok, headers } = response;
  return { status, ok, headers, text: await response.text() };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
