import { AppError } from "../models/errors.ts";

/**
 * The time that a piece of work has left. The signal travels to the last fetch, so that work stops instead of
 * being abandoned; its reason is a `TimeoutError` once the time is up.
 */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Settles like `work`, or rejects with `deadline-exceeded` as soon as the time is up. */
  race<Result>(work: Promise<Result>): Promise<Result>;
  /** A shorter deadline inside this one: whichever ends first counts. */
  within(milliseconds: number): Deadline;
}

export function startDeadline(milliseconds: number): Deadline {
  return new TimeLimit(performance.now() + milliseconds);
}

/**
 * Makes the signal when it is asked for: most of what races, such as a limiter, takes none, and a timer costs half of what a
 * signal with a listener does (docs/performance.md).
 */
class TimeLimit implements Deadline {
  /** Milliseconds, as `performance.now` counts them. */
  readonly #endsAt: number;
  #signal: AbortSignal | null = null;
  /** Whether a timer has rung: it may do so a moment before the clock says it. */
  #isOver = false;

  constructor(endsAt: number) {
    this.#endsAt = endsAt;
  }

  get signal(): AbortSignal {
    return (this.#signal ??=
      this.#leftMs() > 0 ? AbortSignal.timeout(Math.ceil(this.#leftMs())) : AbortSignal.abort(timeIsUp()));
  }

  race<Result>(work: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const stop = this.#whenOver((cause) => reject(new AppError("deadline-exceeded", { cause })));
      const settleBy =
        <Value>(settle: (value: Value) => void) =>
        (value: Value) => {
          stop();
          settle(value);
        };
      work.then(settleBy(resolve), settleBy(reject));
    });
  }

  within(milliseconds: number): Deadline {
    const endsAt = performance.now() + milliseconds;
    return endsAt < this.#endsAt ? new TimeLimit(endsAt) : this;
  }

  /** Tells of the end, with its reason; gives what ends that. */
  #whenOver(tell: (reason: unknown) => void): () => void {
    const signal = this.#leftMs() > 0 ? this.#signal : this.signal;
    if (signal === null) {
      const timer = setTimeout(() => {
        this.#isOver = true;
        tell(timeIsUp());
      }, this.#leftMs());
      return () => clearTimeout(timer);
    }
    const onAbort = () => tell(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    return () => signal.removeEventListener("abort", onAbort);
  }

  #leftMs(): number {
    return this.#isOver ? 0 : this.#endsAt - performance.now();
  }
}

/** The reason that `AbortSignal.timeout` gives (DOM standard, section 3.2). */
function timeIsUp(): DOMException {
  return new DOMException("The operation was aborted due to timeout", "TimeoutError");
}

/** Whether an error is what work rejects with when its signal aborted. */
export function isDeadlineError(error: unknown): boolean {
  return error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError");
}

/** Waits, but no longer than the signal allows; the caller looks at the signal afterwards. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) return Promise.resolve();
  const end = () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    resolve();
  };
  const timer = setTimeout(end, milliseconds);
  signal.addEventListener("abort", end, { once: true });
  return promise;
}
