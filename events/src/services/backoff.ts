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

/** Milliseconds until the next attempt after so many; null after the last. */
export type Backoff = (attempts: number) => number | null;

const FACTOR = 3;
/** Shares of the delay: what failed together is not tried again together. */
const [LEAST, MOST] = [0.8, 1.2];

export function createBackoff({ baseMs, maxMs, maxAttempts, random }: BackoffOptions): Backoff {
  return (attempts) => {
    if (attempts >= maxAttempts) return null;
    const delayMs = Math.min(maxMs, baseMs * FACTOR ** (attempts - 1));
    return Math.round(Math.min(maxMs, delayMs * (LEAST + (MOST - LEAST) * random())));
  };
}
