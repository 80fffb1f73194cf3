/** One thing that was compared. */
export interface Finding {
  readonly isBad: boolean;
  /** For the operator, with the numbers. */
  readonly sentence: string;
}

/** As in `4.5 %`, `0 %`. */
export const formatRate = (rate: number): string => `${Number((rate * 100).toFixed(1))} %`;

/** As in `24 ms`, `3.2 ms`. */
export const formatMs = (ms: number): string => `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`;
