export interface ConcurrencyLimitOptions {
  /** Calls at the same time before anything is known; a quick system is allowed this many again soon after a slow spell. */
  readonly initial: number;
  /** However slow the system is, so many calls go on finding out whether it still is. */
  readonly min: number;
  readonly max: number;
  /** Milliseconds that a call should take at most, waiting in the system included. */
  readonly targetMs: number;
  /** Told when calls begin to be refused, and when a whole window went by without a refusal. */
  readonly onChange: (change: LimitChange) => void;
}

export interface LimitChange {
  readonly isShedding: boolean;
  /** Calls at the same time that are allowed now. */
  readonly limit: number;
  /** Calls refused since the shedding began. */
  readonly refused: number;
}

/** A measurement lasts at least this long, and longer where calls do: its calls must have begun and ended in it. */
const MIN_WINDOW_MS = 100;
/** One measurement changes the limit by no more than this: down at once, up in steps. */
const STEEPEST_FALL = 0.2;
const STEEPEST_RISE = 1.25;

/**
 * How many calls may run at the same time, learned from how long they take. By Little's law a system that finishes C calls a
 * second keeps L of them for L/C seconds; so as long as calls take longer than they should, L is too large by that
 * factor. Calls beyond the limit are refused at once instead of waiting until nobody wants their answer. The state is the
 * isolate's.
 */
export class ConcurrencyLimit {
  readonly #options: ConcurrencyLimitOptions;
  #limit: number;
  #inFlight = 0;
  /** The measurement that goes on: of calls that began in it, how many have ended, and their milliseconds. */
  #startedAt = Number.NEGATIVE_INFINITY;
  #count = 0;
  #totalMs = 0;
  /** Most calls at the same time, and refusals, during the measurement. */
  #peak = 0;
  #refusedNow = 0;
  #refused = 0;

  constructor(options: ConcurrencyLimitOptions) {
    this.#options = options;
    this.#limit = options.initial;
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Whether one more call may begin. A refusal is counted: it is told to whoever wanted to call. */
  admits(): boolean {
    if (this.#inFlight < this.limit) return true;
    this.#refusedNow += 1;
    this.#refused += 1;
    if (this.#refused === 1) this.#tell(true);
    return false;
  }

  enter(): void {
    this.#inFlight += 1;
    if (this.#inFlight > this.#peak) this.#peak = this.#inFlight;
  }

  /** Ends a call; times in milliseconds. */
  leave(startedAt: number, endedAt: number): void {
    this.#inFlight -= 1;
    if (startedAt < this.#startedAt) return;
    this.#count += 1;
    this.#totalMs += endedAt - startedAt;
    if (endedAt - this.#startedAt >= MIN_WINDOW_MS) this.#learn(this.#totalMs / this.#count, endedAt);
  }

  #learn(meanMs: number, now: number): void {
    const { initial, min, max, targetMs } = this.#options;
    const ratio = Math.min(Math.max(targetMs / Math.max(meanMs, 1), STEEPEST_FALL), STEEPEST_RISE);
    // Calls that were slow while few ran say nothing about how many may run.
    const isUsed = this.#peak >= this.#limit / 2;
    if (ratio < 1 && isUsed) this.#limit = Math.max(min, this.#limit * ratio);
    if (ratio > 1) {
      const ceiling = isUsed ? max : Math.max(initial, this.#limit);
      this.#limit = Math.min(ceiling, this.#limit * ratio);
    }
    this.#endWindow(now);
  }

  #endWindow(now: number): void {
    if (this.#refused > 0 && this.#refusedNow === 0) {
      this.#tell(false);
      this.#refused = 0;
    }
    this.#startedAt = now;
    this.#count = 0;
    this.#totalMs = 0;
    this.#refusedNow = 0;
    this.#peak = this.#inFlight;
  }

  #tell(isShedding: boolean): void {
    this.#options.onChange({ isShedding, limit: this.limit, refused: this.#refused });
  }
}
