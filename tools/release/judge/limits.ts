/** What a new version may differ by from the old one before it counts as worse. */
export interface Limits {
  /** Share of requests that may fail although the old version answers them: 0.01 is one in a hundred. */
  readonly toleratedErrorRate: number;
  /** A median that is so many times the old one, and so many milliseconds longer, is too slow. */
  readonly medianRatio: number;
  readonly medianDifferenceMs: number;
  /** An answer that takes so many times the old version's 95th percentile, and so many milliseconds longer, is very slow. */
  readonly tailRatio: number;
  readonly tailDifferenceMs: number;
}

/** While both versions serve users, they are peers. */
export const PEER_LIMITS: Limits = {
  // A sound service fails so often by chance; more is for the version to answer for.
  toleratedErrorRate: 0.005,
  // In the middle between as fast and twice as slow: noise has to move a measurement as far to hide either.
  medianRatio: 1.4,
  // Nobody notices less, and scheduling on a busy machine takes as much.
  medianDifferenceMs: 5,
  // The tail is noisier: a pause of the garbage collector or of the network hits one side only.
  tailRatio: 2,
  tailDifferenceMs: 50,
};

/** At 100 % the old version answers nobody but the probes: the new one may be slower because it has work to do. */
export const IDLE_PEER_LIMITS: Limits = {
  // Twice as much of everything. What is worse than that, and not because of the load, the steps before have shown.
  toleratedErrorRate: 0.01,
  medianRatio: 2.5,
  medianDifferenceMs: 25,
  tailRatio: 4,
  tailDifferenceMs: 250,
};

/** Answers of each version, outside of stalls, below which their times are not compared: medians of fewer move by themselves. */
export const MIN_SAMPLES = 150;
