/** No call of any Worker takes this long: its deadline is over, or the platform has ended its invocation. */
const TERM_MS = 60_000;

/**
 * How many calls are under way. One whose invocation the platform ends, because its client is gone, never tells of its end; so
 * calls are counted by terms, and what began before the last one is taken for ended. All times are milliseconds of one clock.
 */
export class CallsInFlight {
  /** Beginnings of this term and of the one before, and the calls under way that began in each. */
  #since = -Infinity;
  #sinceBefore = -Infinity;
  #begun = 0;
  #begunBefore = 0;

  get count(): number {
    return this.#begun + this.#begunBefore;
  }

  enter(now: number): void {
    this.expire(now);
    this.#begun += 1;
  }

  leave(startedAt: number): void {
    if (startedAt >= this.#since) this.#begun -= 1;
    else if (startedAt >= this.#sinceBefore) this.#begunBefore -= 1;
  }

  /** Forgets calls that cannot be under way any more. */
  expire(now: number): void {
    if (now - this.#since < TERM_MS) return;
    this.#begunBefore = now - this.#since < 2 * TERM_MS ? this.#begun : 0;
    this.#sinceBefore = this.#since;
    this.#begun = 0;
    this.#since = now;
  }
}
