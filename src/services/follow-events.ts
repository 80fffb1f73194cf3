import { AppError } from "../models/errors.ts";
import type { EventPage, EventQuery } from "../models/user-event.ts";

export interface FollowOptions {
  /** Milliseconds between two reads at the end of the feed. */
  readonly pollMs: number;
  /** Waits, but no longer than the signal allows. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

export interface Follower {
  /** What it has read last, and what it asked for then. */
  readonly last: EventPage;
  readonly query: EventQuery;
  /** Ends it, quietly, whatever it is doing. */
  readonly ended: AbortSignal;
  /** Reads once, in a call of its own. */
  readonly read: (query: EventQuery) => Promise<EventPage>;
}

/** So many failed reads in a row, each with its own retries, are no trouble of a moment any more. */
const MAX_FAILURES = 5;
const MAX_PAUSE_MS = 10_000;

/** Refusals and failures that may be over soon. */
const PASSING: ReadonlySet<string> = new Set(["database-unavailable", "overloaded", "deadline-exceeded"]);

/**
 * Reads the feed on and on: at once where there is more, else after a pause, and after a longer one when a read has failed. Gives
 * empty pages too. Fails with what does not pass, or has not passed.
 */
export async function* followEvents(follower: Follower, { pollMs, pause }: FollowOptions): AsyncGenerator<EventPage> {
  const { last, query, ended, read } = follower;
  let [after, failures] = [last.next, 0];
  if (last.isAtEnd) await pause(pollMs, ended);
  while (!ended.aborted) {
    const page = await read({ ...query, after }).catch((error: unknown) => {
      failures += 1;
      if (ended.aborted || (isPassing(error) && failures < MAX_FAILURES)) return null;
      throw error;
    });
    if (page === null) {
      await pause(Math.min(pollMs * 2 ** failures, MAX_PAUSE_MS), ended);
      continue;
    }
    [after, failures] = [page.next, 0];
    yield page;
    if (page.isAtEnd) await pause(pollMs, ended);
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof AppError && PASSING.has(error.code);
}
