import fc from "fast-check";

export interface PropertyLimits<Value> {
  /** Tried before all others: what chance brings too seldom. */
  readonly examples?: readonly Value[];
  readonly numRuns: number;
  /** So many there are on the slowest machine too, so that a test may tell what it must have seen. */
  readonly minRuns: number;
  /** No further run begins after this time; the smallest counterexample is looked for as long again. */
  readonly timeLimitMs: number;
}

/**
 * Checks that something holds for all values. The seed is fixed, so that a run says the same as the one before; `FC_SEED`
 * gives another one (`random` for a new one each time), and `FC_RUNS` the number of runs, then without a limit of time.
 * Seed and counterexample are in the message of the failure. fast-check's own limit of time would leave a run behind.
 */
export async function assertForAll<Value>(
  values: fc.Arbitrary<Value>,
  check: (value: Value) => Promise<void>,
  { examples = [], numRuns, minRuns, timeLimitMs }: PropertyLimits<Value>,
): Promise<void> {
  const { FC_SEED: seed = "20260301", FC_RUNS: runs = "" } = process.env;
  const limitMs = isUnlimited() ? Number.POSITIVE_INFINITY : timeLimitMs;
  let end = performance.now() + limitMs;
  let hasFailed = false;
  let count = 0;
  const property = fc.asyncProperty(values, async (value) => {
    if (performance.now() > end && (hasFailed || count >= minRuns)) return;
    count++;
    try {
      await check(value);
    } catch (error) {
      if (!hasFailed) end = performance.now() + limitMs;
      hasFailed = true;
      throw error;
    }
  });
  await fc.assert(property, {
    ...(seed === "random" ? {} : { seed: Number(seed) }),
    examples: examples.map((example): [Value] => [example]),
    numRuns: runs === "" ? numRuns : Number(runs),
  });
}

/** Milliseconds that a test of such a property may take; 0 is no limit. */
export function timeoutFor(timeLimitMs: number): number {
  return isUnlimited() ? 0 : 2 * timeLimitMs + 60_000;
}

function isUnlimited(): boolean {
  return (process.env["FC_RUNS"] ?? "") !== "";
}
