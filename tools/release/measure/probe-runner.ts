import type { Clock } from "./clock.ts";
import { probePair, type Side } from "./probe-pair.ts";
import { chooseRequest, usersOf } from "./probe-requests.ts";
import { sendProbe, type Outcome, type SendOptions } from "./send-probe.ts";
import type { Tally } from "./tally.ts";
import { createThrottle } from "./throttle.ts";
import { createUserSample } from "./user-sample.ts";

export interface Version {
  readonly id: string;
  readonly tally: Tally;
}

export interface RunnerOptions {
  readonly candidate: Version;
  readonly baseline: Version;
  readonly send: SendOptions;
  readonly clock: Clock;
  readonly random: () => number;
  /** Taken in turns; none for an open API. */
  readonly apiKeys: readonly string[];
  /** Requests per second to each of the two versions. */
  readonly ratePerVersion: number;
}

/** When a version hangs, memory and sockets stay bounded: 200 requests on their way. */
const MAX_PAIRS = 100;
/** How long requests on their way may take when the observation ends; the rest is given up. */
const GRACE_MS = 1_000;

/**
 * Asks both versions at a steady pace, however long the answers take, until `stop` aborts. Resolves when no request is
 * on its way any more; never rejects.
 */
export async function runProbes(options: RunnerOptions, stop: AbortSignal): Promise<void> {
  const { clock } = options;
  const throttle = createThrottle(options.ratePerVersion);
  const giveUp = new AbortController();
  const startPair = createPairs(options, { stop, giveUp: giveUp.signal, onLimited: throttle.refused });
  const pairs = new Set<Promise<void>>();

  let dueAt = clock.now();
  for (let index = 0; !stop.aborted; index++) {
    const periodMs = 1_000 / throttle.ratePerVersion();
    if (pairs.size < MAX_PAIRS) {
      const pair: Promise<void> = startPair(index, periodMs / 2).finally(() => pairs.delete(pair));
      pairs.add(pair);
    }
    // What this process was too busy to send is not made up for in a burst.
    dueAt = Math.max(dueAt + periodMs, clock.now());
    await clock.sleep(Math.max(dueAt - clock.now(), throttle.delayMs(clock.now())), stop);
  }
  const allEnded = new AbortController();
  const ended = Promise.all(pairs).then(() => allEnded.abort());
  await clock.sleep(GRACE_MS, allEnded.signal);
  giveUp.abort();
  await ended;
}

interface PairContext {
  readonly stop: AbortSignal;
  readonly giveUp: AbortSignal;
  readonly onLimited: (now: number, retryAfterMs: number) => void;
}

/** @returns a function that asks both versions one thing, the second `gapMs` after the first; the order is drawn */
function createPairs(options: RunnerOptions, { stop, giveUp, onLimited }: PairContext) {
  const { clock, random, apiKeys, baseline, candidate } = options;
  const users = createUserSample(random);

  const onOutcome = (side: Side, outcome: Outcome): void => {
    if (outcome.kind === "limited") onLimited(clock.now(), outcome.retryAfterMs);
    // Only the version that is known to be sound says which users there are.
    if (outcome.kind === "success" && side.tally === baseline.tally) users.add(usersOf(outcome.body));
  };

  return function startPair(index: number, gapMs: number): Promise<void> {
    const apiKey = apiKeys[index % apiKeys.length] ?? null;
    const toSide = ({ id, tally }: Version): Side => ({
      tally,
      send: (request) => sendProbe(request, { versionId: id, apiKey, signal: giveUp }, options.send),
    });
    const request = chooseRequest(users, random);
    return probePair(request, {
      sides: random() < 0.5 ? [toSide(candidate), toSide(baseline)] : [toSide(baseline), toSide(candidate)],
      waitForTurn: async () => {
        await clock.sleep(gapMs, stop);
        return !stop.aborted;
      },
      onOutcome,
      onDeleted: () => {
        if (request.user !== null) users.remove(request.user);
      },
    });
  };
}
