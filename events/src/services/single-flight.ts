export interface SingleFlightOptions {
  readonly work: () => Promise<void>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** After which work can no longer be under way: whoever did it was ended by the platform. */
  readonly maxMs: number;
}

/**
 * Makes a function that sees to it that work is begun after it is called, and done by one at a time in this isolate. Whoever
 * calls while it is being done waits for nothing: it is done once more. Fails as the work does.
 */
export function singleFlight({ work, clock, maxMs }: SingleFlightOptions): () => Promise<void> {
  let runsUntil = 0;
  let isDue = false;
  return async () => {
    isDue = true;
    if (clock() < runsUntil) return;
    try {
      while (isDue) {
        isDue = false;
        runsUntil = clock() + maxMs;
        await work();
      }
    } finally {
      runsUntil = 0;
    }
  };
}
