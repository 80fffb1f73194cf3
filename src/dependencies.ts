import { uuidv7 } from "uuidv7";

import type { AppOptions } from "./app.ts";
import { createApiKeyVerifier } from "./auth/api-keys.ts";
import { createAuthenticator, type Authenticator } from "./auth/authenticator.ts";
import { createJwksCache } from "./auth/jwks.ts";
import { createTokenVerifier } from "./auth/token-verifier.ts";
import { createWebhookSecret } from "./auth/webhook-secret.ts";
import type { Config } from "./config.ts";
import { createDatabaseClient } from "./db/client.ts";
import { createDatabase, type Database } from "./db/database.ts";
import { logDatabaseEvent } from "./db/log-event.ts";
import { createDatabaseMeasures, measureDatabaseEvent } from "./db/measures.ts";
import { EXPECTED_MIGRATION } from "./db/migration-level.ts";
import { createFlagSource, type FlagSourceOptions } from "./flags/create-flag-source.ts";
import { createFeatureFlags } from "./flags/feature-flags.ts";
import type { FlagSource } from "./flags/flag-source.ts";
import { createGuards } from "./http/guards.ts";
import { createEventCursorCodec } from "./http/user-events/cursor.ts";
import { logStreamEnd } from "./http/user-events/log-stream-end.ts";
import { createCursorCodec } from "./http/users/cursor.ts";
import { createDeliveryCursorCodec } from "./http/webhooks/cursor.ts";
import type { CallContext } from "./models/call-context.ts";
import { LogSampling } from "./observability/log-sampling.ts";
import { createLogger, describeError, type Logger } from "./observability/logger.ts";
import { Metrics } from "./observability/metrics.ts";
import { createPlatformTracer, type Tracer } from "./observability/tracer.ts";
import { toAssetFetcher, toEventSockets, toRateLimiter } from "./platform-adapters.ts";
import { type PlatformBindings, workerVersion } from "./platform-bindings.ts";
import { createPostgresDatabaseProbe } from "./repositories/postgres-database-probe.ts";
import { createPostgresIdempotencyKeyRepository } from "./repositories/postgres-idempotency-key-repository.ts";
import { createPostgresUserEventRepository } from "./repositories/postgres-user-event-repository.ts";
import { createPostgresUserRepository } from "./repositories/postgres-user-repository.ts";
import { createPostgresWebhookRepository } from "./repositories/postgres-webhook-repository.ts";
import { pause, startDeadline, type Deadline } from "./resilience/deadline.ts";
import { createEventNudger, type EventNudger } from "./services/event-nudger.ts";
import { createHealthService } from "./services/health-service.ts";
import { createMaintenanceService, type MaintenanceService } from "./services/maintenance-service.ts";
import { createUserEventService } from "./services/user-event-service.ts";
import { createUserService } from "./services/user-service.ts";
import { createWebhookService } from "./services/webhook-service.ts";

/** What the Worker's entry needs: the API, and the work of the cron trigger. Lives as long as the isolate. */
export interface Dependencies {
  readonly app: AppOptions;
  readonly logger: Logger;
  readonly maintenance: MaintenanceService;
}

/** Composition root: the only place that names concrete adapters. Everything here is made once per isolate. */
export function createDependencies(config: Config, bindings: PlatformBindings, tracing: unknown): Dependencies {
  const version = workerVersion(bindings);
  const sampling = new LogSampling(config.logSampling);
  const tracer = config.traceSpans ? createPlatformTracer(tracing) : null;
  const logger = createLogger({ level: config.logLevel, base: version });
  const metrics = createMetrics(bindings, version, logger);
  const { queries, probes, admission } = connect(config, { logger, sampling, metrics, tracer });
  const now = () => new Date();
  const userEvents = createPostgresUserEventRepository({ queries });
  return {
    logger,
    maintenance: createMaintenanceService({
      idempotencyKeys: createPostgresIdempotencyKeyRepository({ queries }),
      userEvents,
      eventRetentionMs: config.events.retentionMs,
      now,
    }),
    app: {
      logger,
      sampling,
      metrics,
      nudger: createNudger(bindings, logger),
      tracer,
      tellsTiming: config.tellsTiming,
      clock: Date.now,
      versionId: version.version_id,
      startDeadline: () => startDeadline(config.requestTimeoutMs),
      assets: toAssetFetcher(bindings.ASSETS),
      flags: createFeatureFlags({ source: watchFlags(bindings, logger), clock: Date.now }),
      health: createHealthService({
        database: createPostgresDatabaseProbe({ queries: probes }),
        expectedMigration: EXPECTED_MIGRATION,
        onFailure: (check, error, { id, traceId }) => {
          const call = { request_id: id, trace_id: traceId };
          logger.log("error", "health_check_failed", { ...call, check, error: describeError(error) });
        },
      }),
      probeTimeoutMs: config.readinessTimeoutMs,
      users: createUserService({ users: createPostgresUserRepository({ queries }), now, newId: uuidv7 }),
      cursors: createCursorCodec({ secret: config.cursorSecret }),
      userEvents: createUserEventService({ events: userEvents, pollMs: config.events.pollMs, pause }),
      eventCursors: createEventCursorCodec({ secret: config.cursorSecret }),
      eventStreams: { ...config.events, patienceMs: config.requestTimeoutMs },
      eventSockets: toEventSockets(bindings.EVENTS, logger),
      onStreamEnd: (summary) => logStreamEnd(logger, summary),
      ...createWebhooks(config, queries),
      cors: { origins: config.corsOrigins },
      changes: { requireIfMatch: config.requireIfMatch },
      guards: createGuards({
        database: admission,
        authenticator: buildAuthenticator(config, logger),
        acceptsTokens: config.tokens !== null,
        callerLimiter: toRateLimiter(bindings.CALLER_RATE_LIMITER, logger),
        callerLimit: config.callerRateLimit,
        failureLimiter: toRateLimiter(bindings.AUTH_FAILURE_RATE_LIMITER, logger),
      }),
    },
  };
}

/** On a developer's machine events may be sent to that machine. */
function createWebhooks({ environment, cursorSecret: secret }: Config, queries: Database["queries"]) {
  return {
    webhooks: createWebhookService({
      webhooks: createPostgresWebhookRepository({ queries }),
      urlRules: { allowsLoopback: environment === "development" },
      now: () => new Date(),
      newId: uuidv7,
      newSecret: createWebhookSecret,
    }),
    deliveryCursors: createDeliveryCursorCodec({ secret }),
  };
}

/** Whoever is told of what happens. */
interface Observers {
  readonly logger: Logger;
  readonly sampling: LogSampling;
  readonly metrics: Metrics | null;
  readonly tracer: Tracer | null;
}

function connect({ database, requestTimeoutMs }: Config, observers: Observers): Database {
  const { logger, sampling, metrics, tracer } = observers;
  const { url: databaseUrl, fetchEndpoint, maxConcurrency } = database;
  return createDatabase({
    send: createDatabaseClient({ databaseUrl, fetchEndpoint }),
    requestTimeoutMs,
    maxConcurrency,
    clock: Date.now,
    random: Math.random,
    measures: metrics === null ? null : createDatabaseMeasures(metrics, sampling),
    tracer,
    onEvent: (event) => {
      logDatabaseEvent(logger, event);
      if (metrics !== null) measureDatabaseEvent(metrics, event);
    },
  });
}

function watchFlags({ FLAGS: namespace }: PlatformBindings, logger: Logger): FlagSource {
  const withTimeout: FlagSourceOptions["withTimeout"] = (work, limitMs) => startDeadline(limitMs).race(work);
  return createFlagSource({ namespace, logger, clock: Date.now, withTimeout });
}

function createMetrics(
  { TELEMETRY: sink }: PlatformBindings,
  { version_id: id, version_tag: tag }: ReturnType<typeof workerVersion>,
  logger: Logger,
): Metrics | null {
  if (sink === undefined) return null;
  return new Metrics({
    sink,
    version: { id, tag: tag ?? "" },
    clock: Date.now,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    onFailure: (reason, error) => logger.log("error", "telemetry_failed", { reason, error: describeError(error) }),
  });
}

function createNudger({ EVENTS: service }: PlatformBindings, logger: Logger): EventNudger | null {
  if (service === undefined) return null;
  return createEventNudger({
    service,
    clock: Date.now,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    onFailure: (error) => logger.log("warn", "events_nudge_failed", { error: describeError(error) }),
  });
}

/** One run of the cron trigger; nobody is told what it cost. */
export function maintenanceContext(): CallContext {
  const { signal } = startDeadline(MAINTENANCE_TIMEOUT_MS);
  return { id: "maintenance", traceId: null, signal, countQuery: () => {} };
}

/** A refusal does nothing but read away what is left of the request. */
const REFUSAL_TIMEOUT_MS = 5_000;

/** The time of a request that no configuration bounds. */
export function startRefusalDeadline(): Deadline {
  return startDeadline(REFUSAL_TIMEOUT_MS);
}

/** The sweep may meet a day's worth of rows; nobody waits for it. */
const MAINTENANCE_TIMEOUT_MS = 25_000;

function buildAuthenticator({ apiKeys, tokens }: Config, logger: Logger): Authenticator {
  const hasKeys = apiKeys.plainKey !== null || apiKeys.entries.length > 0;
  const onFailure = (failure: string, error: unknown): void =>
    logger.log("error", "jwks_failed", { failure, error: describeError(error) });
  return createAuthenticator({
    apiKeys: hasKeys ? createApiKeyVerifier(apiKeys) : null,
    tokens:
      tokens === null
        ? null
        : createTokenVerifier({
            issuer: tokens.issuer,
            audience: tokens.audience,
            keys: createJwksCache({
              url: tokens.jwksUrl,
              fetch: (url, init) => fetch(url, init),
              clock: Date.now,
              onFailure,
            }),
            clock: Date.now,
          }),
  });
}
