/** One thing that was compared. */
export interface Finding {
  /** That the new version is faulty in this, as `weigh` gives it. */
  readonly evidence: number;
  /** A sentence for the operator, with the numbers. */
  describe(): string;
}

/** As in `4.5 %`, `0 %`. */
export const formatRate = (rate: number): string => `${Number((rate * 100).toFixed(1))} %`;

/** As in `24 ms`, `3.2 ms`. */
export const formatMs = (ms: number): string => `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`;
