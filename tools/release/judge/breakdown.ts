import type { BlockPair } from "./block-pair.ts";

/** Seconds in a row, and requests in them, that are no accident: the statistics would take longer to say the same. */
const MIN_BROKEN_SECONDS = 2;
const MIN_BROKEN_REQUESTS = 12;
/** Share of requests that fail at once: no burst of failures of a sound service lasts so long at such a share. */
const BROKEN_SHARE = 0.4;
/** While so few of the old version's do. */
const SOUND_SHARE = 0.1;
/** Seconds in which only the new version stands still that are no stall any more: a busy machine takes up to five. */
const MIN_HANGING_SECONDS = 6;

/** Says that the new version fails, or answers, next to nothing while the old one works; null when it does not. */
export function findBreakdown(pairs: readonly BlockPair[]): string | null {
  const asked = pairs.filter(({ candidate, baseline }) => candidate.sent > 0 && baseline.sent > 0);
  return findFailing(asked) ?? findHanging(asked);
}

function findFailing(pairs: readonly BlockPair[]): string | null {
  let [seconds, failed, requests] = [0, 0, 0];
  for (const { candidate, baseline } of pairs) {
    const isBroken = candidate.promptErrors >= BROKEN_SHARE * candidate.sent;
    const isSound = baseline.errors <= SOUND_SHARE * baseline.sent;
    if (isBroken && isSound) {
      [seconds, failed, requests] = [seconds + 1, failed + candidate.promptErrors, requests + candidate.sent];
    } else {
      [seconds, failed, requests] = [0, 0, 0];
    }
    if (seconds >= MIN_BROKEN_SECONDS && requests >= MIN_BROKEN_REQUESTS) {
      return `${failed} of ${requests} requests failed within ${seconds} s, while the old version answered`;
    }
  }
  return null;
}

function findHanging(pairs: readonly BlockPair[]): string | null {
  let seconds = 0;
  for (const { candidate, baseline } of pairs) {
    // A second in which both stand still tells nothing of either.
    if (baseline.isStalled) continue;
    seconds = candidate.isStalled ? seconds + 1 : 0;
    if (seconds >= MIN_HANGING_SECONDS) {
      return `the new version answered next to nothing for ${seconds} s, while the old version did`;
    }
  }
  return null;
}
