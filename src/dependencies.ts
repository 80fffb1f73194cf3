import { uuidv7 } from "uuidv7";

import { createApiKeyVerifier } from "./auth/api-keys.ts";
import { createAuthenticator, type Authenticator } from "./auth/authenticator.ts";
import { createJwksCache } from "./auth/jwks.ts";
import { createTokenVerifier } from "./auth/token-verifier.ts";
import type { Config } from "./config.ts";
import { createDatabaseClient } from "./db/client.ts";
import { EXPECTED_MIGRATION } from "./db/migration-level.ts";
import { createQueryRunner, type QueryRunner } from "./db/query-runner.ts";
import type { AppOptions } from "./http/app-options.ts";
import type { AssetFetcher, RateLimiter } from "./http/context.ts";
import type { DatabaseUsage, RequestScope, RequestServices } from "./http/request-scope.ts";
import { createCursorCodec } from "./http/users/cursor.ts";
import { createUserGuards } from "./http/users/guards.ts";
import { createLogger, describeError, type Logger } from "./observability/logger.ts";
import { createPostgresDatabaseProbe } from "./repositories/postgres-database-probe.ts";
import { createPostgresIdempotencyKeyRepository } from "./repositories/postgres-idempotency-key-repository.ts";
import { createPostgresUserRepository } from "./repositories/postgres-user-repository.ts";
import { startDeadline, type Deadline } from "./resilience/deadline.ts";
import { createHealthService } from "./services/health-service.ts";
import { createMaintenanceService, type MaintenanceService } from "./services/maintenance-service.ts";
import { createUserService } from "./services/user-service.ts";

/** The bindings of `wrangler.toml` that the Worker uses, whatever the environment. */
export interface PlatformBindings {
  readonly ASSETS: Fetcher;
  readonly CALLER_RATE_LIMITER: RateLimit;
  readonly AUTH_FAILURE_RATE_LIMITER: RateLimit;
  readonly CF_VERSION_METADATA: WorkerVersionMetadata;
  readonly ENVIRONMENT?: string;
}

/** What the Worker's entry needs: the API, and the work of the cron trigger. Lives as long as the isolate. */
export interface Dependencies {
  readonly app: AppOptions;
  readonly logger: Logger;
  /** Bound to a deadline of its own; make a new one for each run. */
  readonly createMaintenance: () => MaintenanceService;
}

/** Composition root: the only place that names concrete adapters. */
export function createDependencies(config: Config, bindings: PlatformBindings): Dependencies {
  const version = versionOf(bindings);
  const logger = createLogger({ level: config.logLevel, base: version });
  const openQueries = createQueryOpener(config);
  return {
    logger,
    createMaintenance: () => {
      const { signal } = startDeadline(MAINTENANCE_TIMEOUT_MS);
      const queries = openQueries(() => signal, { roundTrips: 0, durationMs: 0 });
      return createMaintenanceService({
        idempotencyKeys: createPostgresIdempotencyKeyRepository({ queries }),
        now: () => new Date(),
      });
    },
    app: {
      logger,
      clock: Date.now,
      versionId: version.version_id,
      startDeadline: () => startDeadline(config.requestTimeoutMs),
      createServices: (scope) => createServices(scope, { config, logger, openQueries }),
      assets: toAssetFetcher(bindings.ASSETS),
      cursors: createCursorCodec({ secret: config.cursorSecret }),
      cors: { origins: config.corsOrigins },
      changes: { requireIfMatch: config.requireIfMatch },
      guards: createUserGuards({
        authenticator: openAuthenticator(config, logger),
        acceptsTokens: config.tokens !== null,
        callerLimiter: toRateLimiter(bindings.CALLER_RATE_LIMITER, logger),
        callerLimit: config.callerRateLimit,
        failureLimiter: toRateLimiter(bindings.AUTH_FAILURE_RATE_LIMITER, logger),
      }),
    },
  };
}

/** Gives the seam to the database for one piece of work: what ends it, and where its cost is counted. */
type QueryOpener = (signal: () => AbortSignal, usage: DatabaseUsage) => QueryRunner;

function createQueryOpener({ database }: Config): QueryOpener {
  const send = createDatabaseClient({ databaseUrl: database.url, fetchEndpoint: database.fetchEndpoint });
  return (signal, usage) =>
    createQueryRunner({ send, signal, clock: Date.now, onQuery: ({ durationMs }) => addQuery(usage, durationMs) });
}

interface ServiceParts {
  readonly config: Config;
  readonly logger: Logger;
  readonly openQueries: QueryOpener;
}

/** What lives as long as one request. */
function createServices(scope: RequestScope, { config, logger, openQueries }: ServiceParts): RequestServices {
  const { requestId, databaseUsage } = scope;
  return {
    get users() {
      const queries = openQueries(() => scope.deadline.signal, databaseUsage);
      return createUserService({
        users: createPostgresUserRepository({ queries }),
        now: () => new Date(),
        newId: uuidv7,
      });
    },
    get health() {
      const { signal } = scope.deadline.within(config.readinessTimeoutMs);
      return createHealthService({
        database: createPostgresDatabaseProbe({ queries: openQueries(() => signal, databaseUsage) }),
        expectedMigration: EXPECTED_MIGRATION,
        onFailure: (check, error) =>
          logger.log("error", "health_check_failed", { request_id: requestId, check, error: describeError(error) }),
      });
    },
  };
}

/** A refusal does nothing but read away what is left of the request. */
const REFUSAL_TIMEOUT_MS = 5_000;

/** The time of a request that no configuration bounds. */
export function startRefusal(): Deadline {
  return startDeadline(REFUSAL_TIMEOUT_MS);
}

/** The sweep may meet a day's worth of rows; nobody waits for it. */
const MAINTENANCE_TIMEOUT_MS = 25_000;

/** The assets binding looks at the path only, but wants a whole URL. */
const ASSETS_ORIGIN = "https://assets.invalid";

/** Which version of the Worker this is, as fields of the log. Known even when the configuration is invalid. */
export function versionOf({ ENVIRONMENT, CF_VERSION_METADATA }: PlatformBindings): {
  readonly version_id: string;
  readonly version_tag: string | null;
} {
  const isDevelopment = ENVIRONMENT === undefined || ENVIRONMENT === "" || ENVIRONMENT === "development";
  if (isDevelopment) return { version_id: "local", version_tag: null };
  return { version_id: CF_VERSION_METADATA.id, version_tag: CF_VERSION_METADATA.tag };
}

function openAuthenticator({ apiKeys, tokens }: Config, logger: Logger): Authenticator {
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

function addQuery(usage: DatabaseUsage, durationMs: number): void {
  usage.roundTrips += 1;
  usage.durationMs += durationMs;
}

function toAssetFetcher(binding: Fetcher): AssetFetcher {
  return {
    fetch: (path, ifNoneMatch) =>
      binding.fetch(new URL(path, ASSETS_ORIGIN), {
        headers: ifNoneMatch === undefined ? {} : { "If-None-Match": ifNoneMatch },
      }),
  };
}

/** A limiter that fails must not take the API down with it. */
function toRateLimiter(binding: RateLimit, logger: Logger): RateLimiter {
  return {
    async allow(key) {
      try {
        const { success } = await binding.limit({ key });
        return success;
      } catch (error) {
        logger.log("error", "rate_limiter_failed", { error: describeError(error) });
        return true;
      }
    },
  };
}
