/** Milliseconds; the first wait is drawn from up to `baseDelayMs`, each further one from up to twice as much. */
export interface RetryOptions {
  /** Calls altogether, the first one included. */
  readonly maxAttempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** Retries that may be made when none was for a while. */
  readonly budget: number;
  /** Part of a retry that each answered call earns: a tenth bounds retries to a tenth of the calls. */
  readonly earnedPerAnswer: number;
  /** Gives 0 to 1. */
  readonly random: () => number;
}

/**
 * Whether a failed call may be made again, and after what wait. All calls share one budget: when everything fails,
 * repeating everything would only multiply the load. The state is the isolate's.
 */
export class RetryPolicy {
  readonly #options: RetryOptions;
  #budget: number;

  constructor(options: RetryOptions) {
    this.#options = options;
    this.#budget = options.budget;
  }

  /** Counts a call that was answered. */
  earn(): void {
    const { budget, earnedPerAnswer } = this.#options;
    if (this.#budget < budget) this.#budget = Math.min(budget, this.#budget + earnedPerAnswer);
  }

  /** Milliseconds to wait before the next attempt, spread so that calls which failed together part ways; null when there is none. */
  nextDelayMs(attempts: number): number | null {
    const { maxAttempts, baseDelayMs, maxDelayMs, random } = this.#options;
    if (attempts >= maxAttempts || this.#budget < 1) return null;
    this.#budget -= 1;
    return random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempts - 1));
  }
}
