import { createDatabaseClient } from "../../src/db/client.ts";
import { createDatabase } from "../../src/db/database.ts";
import { logDatabaseEvent } from "../../src/db/log-event.ts";
import type { CallContext } from "../../src/models/call-context.ts";
import { createLogger, type Logger } from "../../src/observability/logger.ts";
import { startDeadline } from "../../src/resilience/deadline.ts";
import type { Config } from "./config.ts";
import { createDnsResolver } from "./delivery/resolve-name.ts";
import { createSender } from "./delivery/send-event.ts";
import { signEvent } from "./delivery/sign.ts";
import type { DeliveryRepository } from "./models/delivery.ts";
import { createDeliveryObserver, type DeadLetterQueue } from "./observer.ts";
import { type LaneQueue, sendLaneLater, sendLanes } from "./queue/lane-messages.ts";
import { createPostgresDeliveryRepository } from "./repositories/postgres-delivery-repository.ts";
import { createBackoff } from "./services/backoff.ts";
import { createDeliveryService, type DeliveryService } from "./services/delivery-service.ts";
import { createDispatcher, type Dispatcher } from "./services/dispatcher.ts";
import { singleFlight } from "./services/single-flight.ts";

/** The bindings of `wrangler.toml` that the Worker uses, whatever the environment. */
export interface PlatformBindings {
  readonly DELIVERIES: LaneQueue;
  readonly DEAD_LETTERS: DeadLetterQueue;
  readonly CF_VERSION_METADATA?: { readonly id: string; readonly tag: string };
}

/** What the Worker's entry needs. Lives as long as the isolate. */
export interface Dependencies extends Dispatcher, DeliveryService {
  readonly logger: Logger;
  /** Removes old deliveries; gives how many. */
  sweep(): Promise<number>;
}

/** One call of the database, with its retries; the same as a request of the API has. */
const CALL_TIMEOUT_MS = 5_000;
/** The sweep may meet a day's worth of rows; nobody waits for it. */
const SWEEP_TIMEOUT_MS = 25_000;
/** A run of the dispatcher, before the platform ends it. */
const DISPATCH_MAX_MS = 60_000;
/** Invocations of the consumer that share an isolate. */
const MAX_STATEMENTS = 256;

/** Composition root: the only place that names concrete adapters. Everything here is made once per isolate. */
export function createDependencies(config: Config, bindings: PlatformBindings): Dependencies {
  const { DELIVERIES: queue, DEAD_LETTERS: deadLetters, CF_VERSION_METADATA: version } = bindings;
  const base = { version_id: version?.id ?? "local", version_tag: version?.tag ?? null };
  const logger = createLogger({ level: config.logLevel, base });
  const deliveries = connect(config, logger);
  const { workLeaseMs, queueLeaseMs, disableAfterMs, timeoutMs, rules } = config;
  const onMissed = (): void => logger.log("error", "webhooks_missed");
  const dispatcher = createDispatcher({
    deliveries,
    enqueue: (lanes) => sendLanes(queue, lanes),
    leaseMs: queueLeaseMs,
    startCall,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
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
    dispatch: inSingleFlight(dispatcher.dispatch),
    enqueueDue: inSingleFlight(dispatcher.enqueueDue),
    deliver: service.deliver,
    sweep: () => deliveries.sweep(config.retentionMs, startCall("sweep", SWEEP_TIMEOUT_MS)),
  };
}

function connect({ database: { url: databaseUrl, fetchEndpoint } }: Config, logger: Logger): DeliveryRepository {
  const { queries } = createDatabase({
    send: createDatabaseClient({ databaseUrl, fetchEndpoint }),
    requestTimeoutMs: CALL_TIMEOUT_MS,
    maxConcurrency: MAX_STATEMENTS,
    clock: Date.now,
    random: Math.random,
    onEvent: (event) => logDatabaseEvent(logger, event),
  });
  return createPostgresDeliveryRepository({ queries });
}

/** One call of the database on nobody's behalf. */
function startCall(id: string, timeoutMs = CALL_TIMEOUT_MS): CallContext {
  return { id, traceId: null, signal: startDeadline(timeoutMs).signal, countQuery: () => {} };
}
