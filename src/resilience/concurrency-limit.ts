import { CallsInFlight } from "./calls-in-flight.ts";
import { Fastest } from "./fastest.ts";

export interface ConcurrencyLimitOptions {
  /** Calls at the same time while the system is quick, and before anything is known. */
  readonly max: number;
  /** However slow the system is, so many calls go on finding out whether it still is. */
  readonly min: number;
  /** Milliseconds that a call should take, waiting in the system included. */
  readonly targetMs: number;
  /** Milliseconds that it may take in a system which is that slow by itself. */
  readonly maxTargetMs: number;
  /** Milliseconds. */
  readonly clock: () => number;
  /** Told when calls begin to be refused, and when a whole measurement went by without a refusal. */
  readonly onChange: (change: LimitChange) => void;
  /** Told of each refusal. */
  readonly onRefusal?: () => void;
}

export interface LimitChange {
  readonly isShedding: boolean;
  /** Calls at the same time that are allowed now. */
  readonly limit: number;
  /** Calls refused since the shedding began. */
  readonly refused: number;
}

/** A measurement lasts at least this long, and as long as calls took in the last one: a change needs that time to show. */
const MIN_WINDOW_MS = 100;
const MAX_WINDOW_MS = 1_000;
/** The way back up, per measurement. */
const RISE = 1.25;
/** Waiting may take as long as the work. */
const TOLERANCE = 2;

/**
 * How many calls may run at the same time, learned from how long they take. By Little's law a system that answers C calls a
 * second keeps L of them for L/C seconds: where calls take longer than they should, L comes down to C times what they
 * should take. Calls beyond that are refused at once instead of waiting until nobody wants their answer. The state is the
 * isolate's.
 */
export class ConcurrencyLimit {
  readonly #options: ConcurrencyLimitOptions;
  #limit: number;
  readonly #calls = new CallsInFlight();
  /** The measurement that goes on: when it began, and of calls that ended in it how many, in how many milliseconds, and how many with an answer. */
  #startedAt: number | null = null;
  #windowMs = MIN_WINDOW_MS;
  #ended = 0;
  #answered = 0;
  #totalMs = 0;
  /** Most calls at the same time, and refusals, during the measurement. */
  #peak = 0;
  #fastest = new Fastest();
  #refusedNow = 0;
  #refused = 0;

  constructor(options: ConcurrencyLimitOptions) {
    this.#options = options;
    this.#limit = options.max;
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Whether one more call may begin. A refusal is counted: it is told to whoever wanted to call. */
  admits(): boolean {
    if (this.#calls.count < this.limit) return true;
    this.#calls.expire(this.#options.clock());
    if (this.#calls.count < this.limit) return true;
    this.#refusedNow += 1;
    this.#refused += 1;
    this.#options.onRefusal?.();
    if (this.#refused === 1) this.#tell(true);
    return false;
  }

  enter(now: number): void {
    this.#calls.enter(now);
    if (this.#calls.count > this.#peak) this.#peak = this.#calls.count;
  }

  /** Ends a call, with an answer or without; times in milliseconds. */
  leave(isAnswered: boolean, startedAt: number, endedAt: number): void {
    this.#calls.leave(startedAt);
    this.#ended += 1;
    this.#totalMs += endedAt - startedAt;
    if (isAnswered) {
      this.#answered += 1;
      this.#fastest.add(endedAt - startedAt, endedAt);
    }
    this.#startedAt ??= startedAt;
    const elapsedMs = endedAt - this.#startedAt;
    if (elapsedMs >= this.#windowMs) this.#learn(elapsedMs, endedAt);
  }

  #learn(elapsedMs: number, now: number): void {
    const { min, max, targetMs, maxTargetMs } = this.#options;
    const meanMs = this.#totalMs / this.#ended;
    const allowedMs = Math.min(Math.max(targetMs, TOLERANCE * this.#fastest.ms), maxTargetMs);
    // Calls that are slow while few run, and all get their answer, say nothing about how many may run.
    const isTooMuch = this.#peak >= this.#limit / 2 || this.#answered < this.#ended;
    if (meanMs <= allowedMs) this.#limit = Math.min(max, this.#limit * RISE);
    else if (isTooMuch) this.#limit = Math.max(min, Math.min(this.#limit, (this.#answered / elapsedMs) * allowedMs));
    this.#windowMs = Math.min(Math.max(meanMs, MIN_WINDOW_MS), MAX_WINDOW_MS);
    this.#endWindow(now);
  }

  #endWindow(now: number): void {
    if (this.#refused > 0 && this.#refusedNow === 0) {
      this.#tell(false);
      this.#refused = 0;
    }
    this.#startedAt = now;
    this.#ended = 0;
    this.#answered = 0;
    this.#totalMs = 0;
    this.#refusedNow = 0;
    this.#peak = this.#calls.count;
  }

  #tell(isShedding: boolean): void {
    this.#options.onChange({ isShedding, limit: this.limit, refused: this.#refused });
  }
}
