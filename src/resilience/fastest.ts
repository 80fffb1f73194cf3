/** A system that has become slower for good is believed after this time, or twice of it. */
const FASTEST_PERIOD_MS = 15_000;

/** How long a call takes when nothing is in its way: the least of this period and the one before. */
export class Fastest {
  #now = Number.POSITIVE_INFINITY;
  #before = Number.POSITIVE_INFINITY;
  #since = Number.NEGATIVE_INFINITY;

  /** Milliseconds; 0 before anything is known. */
  get ms(): number {
    const least = Math.min(this.#now, this.#before);
    return Number.isFinite(least) ? least : 0;
  }

  add(durationMs: number, now: number): void {
    if (now - this.#since >= FASTEST_PERIOD_MS) {
      this.#before = this.#now;
      this.#now = durationMs;
      this.#since = now;
    } else if (durationMs < this.#now) this.#now = durationMs;
  }
}
