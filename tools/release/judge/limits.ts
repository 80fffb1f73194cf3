/** What a new version may differ by, and how sure a verdict has to be. */
export interface Limits {
  /** Requests of each version below which nothing is decided. */
  readonly minSamples: number;
  /** By how much the share of failed requests may grow: 0.01 is one point. */
  readonly maxErrorRateIncrease: number;
  /** Evidence for a larger share, in standard errors, while the old version itself is sound. */
  readonly errorZScore: number;
  /** The same while the old version fails more often than `maxErrorRateIncrease`, before the time is over. */
  readonly errorZScoreInOutage: number;
  /** The same when the time is over. */
  readonly errorZScoreAfterOutage: number;
  /** Share of failed requests of both versions from which the service counts as down. */
  readonly outageErrorRate: number;
  /** A median that is so many times the old one, and so many milliseconds longer, is too slow. */
  readonly medianRatio: number;
  readonly medianDifferenceMs: number;
  /** The same for the time within which 95 % of requests are answered. */
  readonly tailRatio: number;
  readonly tailDifferenceMs: number;
  /** Evidence that the new version is slower than the old one, in the median or the tail, in standard errors. */
  readonly latencyZScore: number;
  /** Evidence that its tail is longer than it may become, in standard errors. */
  readonly tailZScore: number;
  /** So many of the first requests may be cold starts and do not count for the tail. */
  readonly coldRequests: number;
}

/**
 * Chosen by simulating bakes with a look every second, as a release looks; the tests repeat the simulations. All looks
 * of a good bake together raise less than 1 % of false alarms.
 */
export const DEFAULT_LIMITS: Limits = {
  // The intervals below are trustworthy from about here; at 8 requests a second it is reached within seconds.
  minSamples: 50,
  // More than a sound service fails by chance, less than a user would take for an outage.
  maxErrorRateIncrease: 0.01,
  // Above the tolerance with 92 % at one look: three failures in 50 requests do, two do not. Few background failures
  // (up to 0.5 %) keep it rare that looking again and again finds such a run by chance.
  errorZScore: 1.4,
  // An outage makes both fail in large, noisy numbers: 99.9 % at each of many looks, 98 % at the last.
  errorZScoreInOutage: 3,
  errorZScoreAfterOutage: 2,
  outageErrorRate: 0.1,
  // In the middle between as fast and twice as slow: noise has to move a measurement as far to hide either.
  medianRatio: 1.4,
  // Nobody notices less, and scheduling on a busy machine takes as much.
  medianDifferenceMs: 5,
  // The tail is noisier: a pause of the garbage collector or of the network hits one side only.
  tailRatio: 2,
  tailDifferenceMs: 50,
  // 99.9 % at one look, for hundreds of looks.
  latencyZScore: 3,
  // 95 % at one look: that it is slower than the old one at all is shown with much more.
  tailZScore: 1.64,
  // A new version starts in several places at once; later on, a slow answer is a slow answer.
  coldRequests: 10,
};
