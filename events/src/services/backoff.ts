export interface BackoffOptions {
  /** Before the second attempt; three times as long before each that follows. */
  readonly baseMs: number;
  /** Never longer: the queue keeps no message back for more than 24 h. */
  readonly maxMs: number;
  /** With the first. */
  readonly maxAttempts: number;
  /** Gives 0 to 1. */
  readonly random: () => number;
}

/**
 * Milliseconds until the next attempt after so many; null after the last.
 * @param askedMs as long the receiver wants to be left alone, when it has said so
 */
export type Backoff = (attempts: number, askedMs?: number | null) => number | null;

const FACTOR = 3;
/** Shares of the delay: what failed together is not tried again together. */
const [LEAST, MOST] = [0.8, 1.2];

export function createBackoff({ baseMs, maxMs, maxAttempts, random }: BackoffOptions): Backoff {
  return (attempts, askedMs) => {
    if (attempts >= maxAttempts) return null;
    const delayMs = Math.min(maxMs, baseMs * FACTOR ** (attempts - 1));
    const share = random();
    const usualMs = delayMs * (LEAST + (MOST - LEAST) * share);
    // Never sooner than was asked for.
    const politeMs = (askedMs ?? 0) * (1 + (MOST - 1) * share);
    return Math.round(Math.min(maxMs, Math.max(usualMs, politeMs)));
  };
}
