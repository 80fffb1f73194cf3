import { setTimeout as sleep } from "node:timers/promises";

import type { Random } from "../../rehearsal/load/random.ts";
import { type Answer, endOf } from "./answer.ts";
import type { Api } from "./api.ts";
import type { OwnRecords } from "./own-record.ts";
import type { SharedRecord } from "./shared-record.ts";

/** What the operations of one client work with. */
export interface ClientContext {
  readonly name: string;
  readonly api: Api;
  /** Decides what kind of operation comes next, and nothing else: a seed gives the same order whatever the answers are. */
  readonly choices: Random;
  readonly random: Random;
  readonly own: OwnRecords;
  readonly shared: readonly SharedRecord[];
  /** Whether the service tells writes that may have happened from those that have not. */
  readonly tellsOutcome: boolean;
  /** Aborts when everything is to end at once. */
  readonly signal: AbortSignal;
  /** A number that this client has not used before. */
  readonly next: () => number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** A repetition that still fails after so many says that its end stays unknown: an outage is over in half of the time. */
const ATTEMPTS = 60;
const MIN_PAUSE_MS = 50;
const MORE_PAUSE_MS = 200;

/** Waits as a client does after a failure, each a little differently. */
async function pause({ random, signal }: ClientContext): Promise<void> {
  await sleep(MIN_PAUSE_MS + MORE_PAUSE_MS * random(), undefined, { signal }).catch(() => undefined);
}

export interface Known {
  readonly answer: Answer | null;
  /** Whether an attempt before it may have had its effect. */
  readonly mayHaveHappened: boolean;
}

/** Sends the same request until its answer says what became of it; null when none does. */
export async function untilKnown(
  context: ClientContext,
  send: () => Promise<Answer | null>,
  isKnown: (answer: Answer | null) => boolean,
): Promise<Known> {
  let mayHaveHappened = false;
  for (let attempts = 1; ; attempts += 1) {
    const answer = await send();
    if (isKnown(answer)) return { answer, mayHaveHappened };
    if (endOf(answer, context.tellsOutcome).kind === "unknown") mayHaveHappened = true;
    if (attempts === ATTEMPTS || context.signal.aborted) return { answer: null, mayHaveHappened };
    await pause(context);
  }
}

/** One of the newest, of those that suit; undefined when there is none. */
export function pickRecent<Item>(
  random: Random,
  items: readonly Item[],
  isFit: (item: Item) => boolean,
): Item | undefined {
  const fitting = items.slice(-RECENT).filter(isFit);
  return fitting[Math.floor(random() * fitting.length)];
}

const RECENT = 40;
