import { uuidv7 } from "uuidv7";

import { createApiKeyVerifier } from "./auth/api-keys.ts";
import type { Config } from "./config.ts";
import { createDatabaseFactory } from "./db/client.ts";
import { EXPECTED_MIGRATION } from "./db/migration-level.ts";
import { createQueryRunner, type QueryRunner } from "./db/query-runner.ts";
import type { AppOptions } from "./http/app-options.ts";
import type { AssetFetcher, DatabaseUsage, RateLimiter, RequestServices } from "./http/context.ts";
import type { RequestScope } from "./http/middleware/request-scope.ts";
import { createCursorCodec } from "./http/users/cursor.ts";
import { createUserGuards } from "./http/users/guards.ts";
import { createLogger, describeError, type Logger } from "./observability/logger.ts";
import { createPostgresDatabaseProbe } from "./repositories/postgres-database-probe.ts";
import { createPostgresIdempotencyKeyRepository } from "./repositories/postgres-idempotency-key-repository.ts";
import { createPostgresUserRepository } from "./repositories/postgres-user-repository.ts";
import { startDeadline } from "./resilience/deadline.ts";
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
  const openDatabase = createDatabaseFactory({
    databaseUrl: config.database.url,
    fetchEndpoint: config.database.fetchEndpoint,
  });
  const openQueries = (signal: AbortSignal, usage: DatabaseUsage): QueryRunner =>
    createQueryRunner({
      openDatabase,
      signal,
      clock: Date.now,
      onQuery: ({ durationMs }) => addQuery(usage, durationMs),
    });

  const createServices = ({ requestId, deadline, databaseUsage }: RequestScope): RequestServices => ({
    users: createUserService({
      users: createPostgresUserRepository({ queries: openQueries(deadline.signal, databaseUsage) }),
      now: () => new Date(),
      newId: uuidv7,
    }),
    get health() {
      const { signal } = deadline.within(config.readinessTimeoutMs);
      return createHealthService({
        database: createPostgresDatabaseProbe({ queries: openQueries(signal, databaseUsage) }),
        expectedMigration: EXPECTED_MIGRATION,
        onFailure: (check, error) =>
          logger.log("error", "health_check_failed", { request_id: requestId, check, error: describeError(error) }),
      });
    },
  });

  const { plainKey, entries } = config.apiKeys;
  const isOpen = plainKey === null && entries.length === 0;
  return {
    logger,
    createMaintenance: () => {
      const queries = openQueries(startDeadline(MAINTENANCE_TIMEOUT_MS).signal, { roundTrips: 0, durationMs: 0 });
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
      createServices,
      assets: toAssetFetcher(bindings.ASSETS),
      cursors: createCursorCodec({ secret: config.cursorSecret }),
      guards: createUserGuards({
        apiKeys: isOpen ? null : createApiKeyVerifier({ plainKey, entries }),
        callerLimiter: toRateLimiter(bindings.CALLER_RATE_LIMITER),
        failureLimiter: toRateLimiter(bindings.AUTH_FAILURE_RATE_LIMITER),
      }),
    },
  };
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

function toRateLimiter(binding: RateLimit): RateLimiter {
  return {
    async allow(key) {
      const { success } = await binding.limit({ key });
      return success;
    },
  };
}
