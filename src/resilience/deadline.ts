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
  return deadlineOf(AbortSignal.timeout(milliseconds));
}

/** Whether an error is what work rejects with when its signal aborted. */
export function isDeadlineError(error: unknown): boolean {
  return error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError");
}

function deadlineOf(signal: AbortSignal): Deadline {
  return {
    signal,
    async race(work) {
      const end = Promise.withResolvers<never>();
      const onAbort = () => end.reject(new AppError("deadline-exceeded", { cause: signal.reason }));
      if (signal.aborted) onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
      try {
        return await Promise.race([work, end.promise]);
      } finally {
        signal.removeEventListener("abort", onAbort);
      }
    },
    within: (milliseconds) => deadlineOf(AbortSignal.any([signal, AbortSignal.timeout(milliseconds)])),
  };
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
