import type { EventsService } from "../models/webhook.ts";

/** Tells the events Worker that there may be something to send. */
export interface EventNudger {
  /** To be called after each change, and before its request is forgotten; costs no time, and never fails. */
  schedule(background: { waitUntil(work: Promise<unknown>): void }): void;
}

export interface EventNudgerOptions {
  readonly service: EventsService;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Waits so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

/** A change waits so long for company: an isolate nudges ten times a second at most. */
export const NUDGE_AFTER_MS = 100;
/** Nobody waits longer for an answer, which has nothing in it. */
const ANSWER_MS = 5_000;
/** After which whoever was to nudge can no longer be about to: the platform has ended him. */
const ABANDONED_MS = 2_000;

/** A nudge that is lost costs a minute at most: then the events Worker looks by itself. */
export function createEventNudger({ service, clock, sleep, onFailure }: EventNudgerOptions): EventNudger {
  /** Until then somebody is about to nudge, for all changes before. */
  let nudgesBy = 0;
  const nudge = async (): Promise<void> => {
    await sleep(NUDGE_AFTER_MS);
    nudgesBy = 0;
    try {
      await Promise.race([service.nudge(), sleep(ANSWER_MS)]);
    } catch (error) {
      onFailure(error);
    }
  };
  return {
    schedule(background) {
      const now = clock();
      if (now < nudgesBy) return;
      nudgesBy = now + ABANDONED_MS;
      background.waitUntil(nudge());
    },
  };
}
