import { type MemorySample, type Trend, trendOf } from "./trend.ts";

/** Compiling and filling of caches; it does not count for the trend. */
export const WARMUP_SECONDS = 60;

/** Of the whole process: the heap that an isolate may have, the runtime itself, and room for its buffers. */
export const MAX_MEGABYTES = 300;

/** Growth below this is not told apart from a heap that settles: an hour of it is less than the limit. */
const MAX_GROWTH_PER_MINUTE = 1;

export interface SoakVerdict {
  readonly trend: Trend;
  readonly maxMegabytes: number;
  readonly problems: readonly string[];
}

/** Says growth only when it is beyond doubt: when even two standard errors below the slope are more than allowed. */
export function judgeSoak(samples: readonly MemorySample[]): SoakVerdict {
  const trend = trendOf(samples.filter(({ second }) => second >= WARMUP_SECONDS));
  const maxMegabytes = Math.max(...samples.map(({ megabytes }) => megabytes));
  const certain = trend.megabytesPerMinute - 2 * trend.standardError;
  return {
    trend,
    maxMegabytes,
    problems: [
      ...(maxMegabytes > MAX_MEGABYTES ? [`the maximum is over ${MAX_MEGABYTES} MB`] : []),
      ...(certain > MAX_GROWTH_PER_MINUTE ? [`memory grows by at least ${certain.toFixed(1)} MB a minute`] : []),
    ],
  };
}
