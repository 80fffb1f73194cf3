import type { Logger } from "../../src/observability/logger.ts";
import type { Config } from "./config.ts";
import { openDatabase, startCall } from "./database.ts";
import { createDnsResolver } from "./delivery/resolve-name.ts";
import { createSender } from "./delivery/send-event.ts";
import { signEvent } from "./delivery/sign.ts";
import { type FeedBindings, findDirectory, openCursors, openLog, toFeedObjects } from "./feed-dependencies.ts";
import { createSocketOpener } from "./feed/open-socket.ts";
import { createDeliveryObserver, type DeadLetterQueue } from "./observer.ts";
import { type LaneQueue, sendLaneLater, sendLanes } from "./queue/lane-messages.ts";
import { createPostgresDeliveryRepository } from "./repositories/postgres-delivery-repository.ts";
import { createBackoff } from "./services/backoff.ts";
import { createDeliveryService, type DeliveryService } from "./services/delivery-service.ts";
import { createDispatcher, type Dispatcher } from "./services/dispatcher.ts";
import { singleFlight } from "./services/single-flight.ts";

/** The bindings of `wrangler.toml` that the Worker uses, whatever the environment. */
export interface PlatformBindings extends FeedBindings {
  readonly DELIVERIES: LaneQueue;
  readonly DEAD_LETTERS: DeadLetterQueue;
}

/** What the Worker's entry needs. Lives as long as the isolate. */
export interface Dependencies extends Dispatcher, DeliveryService {
  readonly logger: Logger;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Removes old deliveries; gives how many. */
  sweep(): Promise<number>;
  /** Answers an upgrade that the API hands on. */
  openSocket(request: Request): Promise<Response>;
  /** Tells those that hold a socket open that there may be something new. */
  nudgeFeeds(): Promise<void>;
}

/** The sweep may meet a day's worth of rows; nobody waits for it. */
const SWEEP_TIMEOUT_MS = 25_000;
/** A run of the dispatcher, before the platform ends it. */
const DISPATCH_MAX_MS = 60_000;

/** Composition root: the only place that names concrete adapters. Everything here is made once per isolate. */
export function createDependencies(config: Config, bindings: PlatformBindings): Dependencies {
  const { DELIVERIES: queue, DEAD_LETTERS: deadLetters } = bindings;
  const logger = openLog(config, bindings);
  const deliveries = createPostgresDeliveryRepository({ queries: openDatabase(config, logger) });
  const { workLeaseMs, queueLeaseMs, disableAfterMs, timeoutMs, rules } = config;
  const onMissed = (): void => logger.log("error", "webhooks_missed");
  const dispatcher = createDispatcher({
    deliveries,
    enqueue: (lanes) => sendLanes(queue, lanes),
    leaseMs: queueLeaseMs,
    startCall,
    sleep,
    onDispatched: (summary) => logger.log("debug", "webhooks_dispatched", { ...summary }),
    onMissed,
  });
  const inSingleFlight = (work: () => Promise<void>) => singleFlight({ work, clock: Date.now, maxMs: DISPATCH_MAX_MS });
  const service = createDeliveryService({
    deliveries,
    send: createSender({
      fetch: (url, init) => fetch(url, init),
      resolve: createDnsResolver({ url: config.dnsUrl, fetch: (url, init) => fetch(url, init) }),
      rules,
      timeoutMs,
    }),
    sign: signEvent,
    enqueueLater: (lane, delayMs) => sendLaneLater(queue, lane, delayMs),
    backoff: createBackoff({ ...config.backoff, random: Math.random }),
    workLeaseMs,
    queueLeaseMs,
    disableAfterMs,
    now: () => new Date(),
    startCall,
    observer: createDeliveryObserver(logger, deadLetters),
  });
  return {
    logger,
    sleep,
    dispatch: inSingleFlight(dispatcher.dispatch),
    enqueueDue: inSingleFlight(dispatcher.enqueueDue),
    deliver: service.deliver,
    sweep: () => deliveries.sweep(config.retentionMs, startCall("sweep", SWEEP_TIMEOUT_MS)),
    ...createFeedAccess(config, bindings, logger, inSingleFlight),
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function createFeedAccess(
  config: Config,
  bindings: FeedBindings,
  logger: Logger,
  inSingleFlight: (work: () => Promise<void>) => () => Promise<void>,
): Pick<Dependencies, "openSocket" | "nudgeFeeds"> {
  return {
    openSocket: createSocketOpener({ cursors: openCursors(config), feeds: toFeedObjects(bindings), logger }),
    nudgeFeeds: inSingleFlight(async () => await findDirectory(bindings).nudge()),
  };
}
