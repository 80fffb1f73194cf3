import type { V4WorkerOptions } from "miniflare";

/** The events Worker's name among those of one runtime. */
export const EVENTS_NAME = "events";

/** What takes nudges: the target of the API's binding `EVENTS`. */
export const EVENTS_DISPATCHER = { name: EVENTS_NAME, entrypoint: "EventsDispatcher" } as const;

const DELIVERIES = "users-api-deliveries";
const DEAD_LETTERS = "users-api-dead-letters";

export interface EventsWorkerOptions {
  /** From `buildCompanion`. */
  readonly module: string;
  /** Variables and secrets. */
  readonly vars: Readonly<Record<string, string>>;
  /** Messages that are worked on side by side; as `events/wrangler.toml` has it when absent. */
  readonly batchSize?: number;
}

/** The events Worker for Miniflare with its queues and objects, as `events/wrangler.toml` has it. */
export function eventsWorker({ module, vars, batchSize = 5 }: EventsWorkerOptions): V4WorkerOptions {
  return {
    name: EVENTS_NAME,
    compatibilityDate: "2026-08-15",
    compatibilityFlags: ["global_fetch_strictly_public"],
    modulesRoot: "/",
    modules: [{ type: "ESModule", path: "/events.mjs", contents: module }],
    bindings: { ...vars },
    durableObjects: {
      USER_EVENT_FEEDS: { className: "UserEventFeed", useSQLite: true },
      FEED_DIRECTORY: { className: "FeedDirectory", useSQLite: true },
    },
    queueProducers: { DELIVERIES: { queueName: DELIVERIES }, DEAD_LETTERS: { queueName: DEAD_LETTERS } },
    queueConsumers: {
      [DELIVERIES]: {
        maxBatchSize: batchSize,
        maxBatchTimeout: 0,
        maxRetries: 5,
        retryDelay: 5,
        deadLetterQueue: DEAD_LETTERS,
      },
    },
    unsafeRegisterWorker: false,
  };
}
