/** A sample of the memory that a process has resident. */
export interface MemorySample {
  /** Since the load began. */
  readonly second: number;
  readonly megabytes: number;
}

export interface Trend {
  /** Least squares. */
  readonly megabytesPerMinute: number;
  readonly standardError: number;
}

/** The straight line through the samples, and how sure its slope is. Samples next to each other are alike, which is allowed for. */
export function trendOf(samples: readonly MemorySample[]): Trend {
  const count = samples.length;
  if (count < 3) throw new Error("a trend needs three samples at least");
  const meanX = samples.reduce((sum, { second }) => sum + second, 0) / count;
  const meanY = samples.reduce((sum, { megabytes }) => sum + megabytes, 0) / count;
  const spread = samples.reduce((sum, { second }) => sum + (second - meanX) ** 2, 0);
  const slope =
    samples.reduce((sum, { second, megabytes }) => sum + (second - meanX) * (megabytes - meanY), 0) / spread;
  const residuals = samples.map(({ second, megabytes }) => megabytes - meanY - slope * (second - meanX));
  const variance = residuals.reduce((sum, residual) => sum + residual ** 2, 0) / (count - 2);
  const error = Math.sqrt((variance / spread) * inflationOf(residuals));
  return { megabytesPerMinute: slope * 60, standardError: error * 60 };
}

/** A saw-tooth of a collector stays high or low for many samples: fewer of them are independent than were taken. */
function inflationOf(residuals: readonly number[]): number {
  const power = residuals.reduce((sum, residual) => sum + residual ** 2, 0);
  if (power === 0) return 1;
  const product = residuals.slice(1).reduce((sum, residual, place) => sum + residual * (residuals[place] ?? 0), 0);
  const correlation = Math.min(MAX_CORRELATION, Math.max(0, product / power));
  return (1 + correlation) / (1 - correlation);
}

/** Beyond this the samples would say nothing at all. */
const MAX_CORRELATION = 0.98;
