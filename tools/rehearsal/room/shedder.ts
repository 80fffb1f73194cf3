import { SHORT_CONTROL_MS, SHORT_LAG_MS, STARVED_SHARE } from "./shortage.ts";

/**
 * Decides whether the machine has room for another request. That is what the control and the scheduler say: a slow version gets
 * its full load.
 */
export interface Shedder {
  /** A control request went out. */
  onSent(id: number, at: number): void;
  /** It ended. */
  onEnd(id: number, at: number): void;
  onLag(ms: number, at: number): void;
  onStarved(share: number, at: number): void;
  /** Whether a request that is due now is sent. */
  admits(now: number): boolean;
}

/** For so long after the last sign of a shortage only a part is sent. */
const COOL_DOWN_MS = 1_000;
/** Of the requests that are due in a shortage, every so-manieth is still sent: a bad version has to show itself then, too. */
const ONE_IN = 5;

export function createShedder(): Shedder {
  const pending = new Map<number, number>();
  let shortUntil = 0;
  let due = 0;
  const mark = (at: number): void => void (shortUntil = Math.max(shortUntil, at + COOL_DOWN_MS));
  return {
    onSent: (id, at) => void pending.set(id, at),
    onEnd(id, at) {
      const sentAt = pending.get(id) ?? at;
      pending.delete(id);
      if (at - sentAt > SHORT_CONTROL_MS) mark(at);
    },
    onLag(ms, at) {
      if (ms > SHORT_LAG_MS) mark(at);
    },
    onStarved(share, at) {
      if (share > STARVED_SHARE) mark(at);
    },
    admits(now) {
      const [oldest] = pending.values();
      if (oldest !== undefined && now - oldest > SHORT_CONTROL_MS) mark(now);
      if (now >= shortUntil) return true;
      due += 1;
      return due % ONE_IN === 0;
    },
  };
}
