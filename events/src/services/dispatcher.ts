import type { CallContext } from "../../../src/models/call-context.ts";
import type { DeliveryRepository, Lane } from "../models/delivery.ts";

/** Puts lanes into the queue. */
export type Enqueue = (lanes: readonly Lane[]) => Promise<void>;

export interface DispatcherOptions {
  readonly deliveries: Pick<DeliveryRepository, "fanOut" | "queueDue">;
  readonly enqueue: Enqueue;
  /** How long a message may wait in the queue before another one is sent. */
  readonly leaseMs: number;
  readonly startCall: (id: string) => CallContext;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Told of new events that became deliveries, and of lanes that were put into the queue, if there were any. */
  readonly onDispatched: (summary: DispatchSummary) => void;
  /** Told that events were gone before they were looked at. */
  readonly onMissed: () => void;
}

export interface DispatchSummary {
  readonly events: number;
  readonly deliveries: number;
  readonly lanes: number;
}

/** Events of one statement: what it writes is held in memory, once for each endpoint. */
const EVENTS_PER_STATEMENT = 500;
/** Lanes of one endpoint that are handed to the queue at once. */
const LANES_PER_ENDPOINT = 100;
/** More would only wait in the queue until they are taken for lost, and come twice. */
const LANES_OUT_PER_ENDPOINT = 500;
/** So many failures in a row, and an endpoint is tried with one lane at a time until it answers. */
const FAILURES_THAT_SLOW = 10;
/** So that a run ends in the time that the platform gives; the next one goes on. */
const MAX_ROUNDS = 40;
/** Transactions under way are mostly over after this. */
const BEHIND_MS = 100;
const MAX_WAITS = 10;

export interface Dispatcher {
  /** Makes deliveries of new events and puts what is due into the queue, until there is nothing left to do. */
  dispatch(): Promise<void>;
  /** Puts what is due into the queue, once: what has become due or free while a batch was worked on. */
  enqueueDue(): Promise<void>;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { deliveries, enqueue, leaseMs, startCall, sleep, onDispatched, onMissed } = options;
  const limits = {
    perEndpoint: LANES_PER_ENDPOINT,
    out: LANES_OUT_PER_ENDPOINT,
    failures: FAILURES_THAT_SLOW,
    leaseMs,
  };

  const queueDue = async (): Promise<number> => {
    const lanes = await deliveries.queueDue(limits, startCall("dispatch"));
    if (lanes.length > 0) await enqueue(lanes);
    return lanes.length;
  };

  const runRound = async (): Promise<"more" | "behind" | "done"> => {
    const {
      events,
      deliveries: made,
      isBehind,
      hasMissed,
    } = await deliveries.fanOut(EVENTS_PER_STATEMENT, startCall("dispatch"));
    if (hasMissed) onMissed();
    const lanes = await queueDue();
    if (events > 0 || lanes > 0) onDispatched({ events, deliveries: made, lanes });
    if (events === EVENTS_PER_STATEMENT || lanes >= LANES_PER_ENDPOINT) return "more";
    return isBehind ? "behind" : "done";
  };

  return {
    enqueueDue: async () => void (await queueDue()),
    async dispatch() {
      let waits = 0;
      for (let round = 1; round <= MAX_ROUNDS; round++) {
        const state = await runRound();
        if (state === "done" || (state === "behind" && waits === MAX_WAITS)) return;
        if (state === "behind") {
          waits += 1;
          await sleep(BEHIND_MS);
        }
      }
    },
  };
}
