/** How often a call is sent at most; with the waits between, for a minute and a half. */
export const MAX_ATTEMPTS = 9;
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 20_000;
/** Longer than that, nobody waits before a terminal. */
const MAX_RETRY_AFTER_MS = 60_000;

/** Refused before anything was done: https://neon.com/docs/reference/api/key-concepts */
const NOTHING_WAS_DONE: readonly number[] = [423, 429, 503];

/**
 * Whether a call may be sent again. One that changes something, and was answered by another error or not at all, may have been
 * carried out: repeating it could do it twice.
 * @param status of the answer, 0 without one
 */
export function mayRetry(method: string, status: number): boolean {
  return NOTHING_WAS_DONE.includes(status) || (method === "GET" && (status === 0 || status >= 500));
}

/**
 * How long to wait before the next attempt, in milliseconds.
 * @param attempt those that have failed so far, from 1
 * @param retryAfter the answer's header, in seconds; null without one
 * @param random gives 0 to 1: those who were refused together do not come back together
 */
export function waitBefore(attempt: number, retryAfter: string | null, random: () => number): number {
  const asked = /^\d{1,6}$/.test(retryAfter ?? "") ? Number(retryAfter) * 1000 : 0;
  const backoff = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
  return Math.min(MAX_RETRY_AFTER_MS, Math.max(asked, backoff * (0.5 + random() / 2)));
}
