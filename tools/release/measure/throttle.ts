/** How fast probes may go: as asked, until the rate limit refuses one. */
export interface Throttle {
  /** Requests per second to each version. */
  ratePerVersion(): number;
  /** Milliseconds from `now` until the next pair may go; 0 when at once. */
  delayMs(now: number): number;
  refused(now: number, retryAfterMs: number): void;
}

const MIN_RATE = 1;
/** The API's limits count minutes. */
const MAX_PAUSE_MS = 60_000;

export function createThrottle(ratePerVersion: number): Throttle {
  let rate = ratePerVersion;
  let resumeAt = -Infinity;
  return {
    ratePerVersion: () => rate,
    delayMs: (now) => Math.max(0, resumeAt - now),
    refused(now, retryAfterMs) {
      // Refusals of requests that were on their way together count once.
      if (now >= resumeAt) rate = Math.max(Math.min(MIN_RATE, rate), rate / 2);
      resumeAt = Math.max(resumeAt, now + Math.min(retryAfterMs, MAX_PAUSE_MS));
    },
  };
}
