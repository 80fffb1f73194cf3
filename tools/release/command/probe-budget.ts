import { UsageError } from "../../command/usage-error.ts";

/** Both versions share a key's limit, 1,200 requests a minute: 960 leave room for the smoke test. */
const RATE_PER_KEY = 8;
/** Answers every question within seconds; more would be load, not measurement. */
const MAX_RATE = 40;
/** Probes start a little late and some are on their way when the time is over. */
const MARGIN = 1.25;

/** Probes per second to each of the two versions. */
export function probeRate(keyCount: number): number {
  return Math.min(MAX_RATE, RATE_PER_KEY * keyCount);
}

/**
 * A step that cannot gather enough samples would always be rolled back.
 * @throws UsageError
 */
export function assertBakeIsLongEnough(bakeMs: number, keyCount: number, minSamples: number): void {
  const rate = probeRate(keyCount);
  const neededMs = Math.ceil((minSamples * MARGIN) / rate) * 1000;
  if (bakeMs >= neededMs) return;
  throw new UsageError(
    `--bake ${bakeMs / 1000}s is too short: a decision needs ${minSamples} requests of each version, and the number of keys in RELEASE_API_KEYS ` +
      `(${keyCount}) allows ${rate} a second. Give --bake ${neededMs / 1000}s or more, or more keys.`,
  );
}
