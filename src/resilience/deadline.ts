/**
 * Limits how long a request may take. The signal travels to the last fetch, so work stops instead of
 * being abandoned; its reason is a `TimeoutError` once `milliseconds` have passed.
 */
export function startDeadline(milliseconds: number): AbortSignal {
  return AbortSignal.timeout(milliseconds);
}

/** A shorter limit inside a longer one: whichever ends first aborts. */
export function withinDeadline(outer: AbortSignal, milliseconds: number): AbortSignal {
  return AbortSignal.any([outer, AbortSignal.timeout(milliseconds)]);
}

/** Settles like `work`, or rejects with the signal's reason as soon as it aborts. */
export async function raceDeadline<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  signal.throwIfAborted();
  let onAbort: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Whether an error is what an expired deadline rejects with. */
export function isDeadlineError(error: unknown): boolean {
  return error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError");
}
