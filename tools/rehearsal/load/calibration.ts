/** Clients at once while the capacity is measured: more than the answers of a quiet machine keep waiting. */
export const CALIBRATION_CLIENTS = 48;
/** Connections and caches are new at first; this is not measured. */
export const WARM_UP_MS = 2_000;
export const MEASURING_MS = 4_000;

/** Leaves room for what a release does beside: builds, wrangler, probes, a second version. */
const SHARE_OF_CAPACITY = 0.4;
/** With less, a version's share of 10 % is too few requests to see anything. */
const MIN_RATE = 20;

export interface Calibration {
  /** Requests per second that were answered rightly with all clients busy; null when nothing was measured. */
  readonly capacity: number | null;
  /** Requests per second to send from now on. */
  readonly rate: number;
}

/**
 * @param answered right answers while the capacity was measured
 * @param maxRate more proves no more
 */
export function calibrate(answered: number, maxRate: number): Calibration {
  const capacity = answered / (MEASURING_MS / 1_000);
  return { capacity, rate: Math.round(Math.min(maxRate, Math.max(MIN_RATE, capacity * SHARE_OF_CAPACITY))) };
}
