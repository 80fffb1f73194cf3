import { uuidv7 } from "uuidv7";

import { createApp } from "../../src/app.ts";
import { createApiKeyVerifier, type ApiKeyEntry } from "../../src/auth/api-keys.ts";
import { createAuthenticator } from "../../src/auth/authenticator.ts";
import type { TokenVerifier } from "../../src/auth/token-verifier.ts";
import { createWebhookSecret } from "../../src/auth/webhook-secret.ts";
import { createFeatureFlags } from "../../src/flags/feature-flags.ts";
import { createStaticFlagSource, type FlagSource } from "../../src/flags/flag-source.ts";
import type { AssetFetcher, RateLimiter } from "../../src/http/context.ts";
import { createGuards } from "../../src/http/guards.ts";
import { createEventCursorCodec } from "../../src/http/user-events/cursor.ts";
import type { EventSockets } from "../../src/http/user-events/event-sockets.ts";
import { logStreamEnd } from "../../src/http/user-events/log-stream-end.ts";
import type { EventStreamLimits } from "../../src/http/user-events/stream-user-events.ts";
import { createCursorCodec } from "../../src/http/users/cursor.ts";
import { createDeliveryCursorCodec } from "../../src/http/webhooks/cursor.ts";
import type { DatabaseProbe } from "../../src/models/database-probe.ts";
import type { UserEventRepository } from "../../src/models/user-event.ts";
import type { UserRepository } from "../../src/models/user.ts";
import type { WebhookRepository } from "../../src/models/webhook-endpoint.ts";
import { KEEP_ALL, LogSampling, type LogSamplingOptions } from "../../src/observability/log-sampling.ts";
import { createLogger, type LogFields, type Logger, type LogLevel } from "../../src/observability/logger.ts";
import type { Tracer } from "../../src/observability/tracer.ts";
import { pause, startDeadline } from "../../src/resilience/deadline.ts";
import { OPEN_GATE, type Admission } from "../../src/resilience/gate.ts";
import { createHealthService } from "../../src/services/health-service.ts";
import { createUserEventService } from "../../src/services/user-event-service.ts";
import { createUserService } from "../../src/services/user-service.ts";
import { createWebhookService } from "../../src/services/webhook-service.ts";
import { createFakeUserEvents } from "./fake-user-events.ts";
import { createFakeUserRepository } from "./fake-user-repository.ts";
import { createFakeWebhookRepository } from "./fake-webhook-repository.ts";
import { checkLogEvents } from "./log-schema.ts";
import { responseContract } from "./response-contract.ts";

export interface LoggedEvent {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields;
}

/** Parts of the app that a test may replace; all others are harmless fakes. */
export interface TestAppOptions {
  readonly users?: UserRepository;
  readonly userEvents?: UserEventRepository;
  readonly webhooks?: WebhookRepository;
  readonly eventStreams?: EventStreamLimits;
  /** Serves WebSockets; without it there are none. */
  readonly eventSockets?: EventSockets | null;
  /** What feature flags say; without it they have their defaults. */
  readonly flagSource?: FlagSource;
  readonly probe?: DatabaseProbe;
  /** A single accepted API key; without it and without `entries` the API is open. */
  readonly apiKey?: string;
  readonly entries?: readonly ApiKeyEntry[];
  /** Refuses requests before they are looked at; without it none is. */
  readonly database?: Admission;
  readonly callerLimiter?: RateLimiter;
  readonly failureLimiter?: RateLimiter;
  readonly assets?: AssetFetcher;
  readonly requestTimeoutMs?: number;
  readonly now?: () => Date;
  /** Accepts bearer tokens; without it there are none. */
  readonly tokens?: TokenVerifier | null;
  readonly callerLimit?: number | null;
  readonly corsOrigins?: readonly string[] | "*" | null;
  readonly requireIfMatch?: boolean;
  readonly logSampling?: LogSamplingOptions;
  readonly tracer?: Tracer | null;
  readonly tellsTiming?: boolean;
  /** Milliseconds. */
  readonly clock?: () => number;
}

export interface TestApp {
  /**
   * Sends a request to the app, as `fetch` would; `path` starts with a slash and reaches the app unchanged. Throws when
   * the answer is not what docs/openapi.json says, or what is logged not what docs/log-events.schema.json says.
   */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Everything logged so far. */
  readonly events: readonly LoggedEvent[];
  /** Every path template of the app, once. */
  readonly templates: readonly string[];
}

/** Hono's own `app.request` would tidy up the slashes of hostile paths. */
const ORIGIN = "https://users.test";

/** Served from files that are made at build time and never exist here. */
const ASSET_PATHS = /^\/(?:openapi\.json$|docs(?:\/|$))/;

const ALLOW_ALL: RateLimiter = { allow: async () => true };

const HARMLESS = {
  probe: { ping: async () => {}, hasMigration: async () => true },
  apiKey: null,
  entries: [],
  database: OPEN_GATE,
  callerLimiter: ALLOW_ALL,
  failureLimiter: ALLOW_ALL,
  assets: { fetch: async () => new Response("not found", { status: 404 }) },
  requestTimeoutMs: 5_000,
  tokens: null,
  callerLimit: null,
  corsOrigins: null,
  requireIfMatch: false,
  logSampling: KEEP_ALL,
  tracer: null,
  tellsTiming: false,
  clock: Date.now,
  eventStreams: { streamMs: 60_000, pollMs: 5, patienceMs: 60_000 },
  eventSockets: null,
  flagSource: createStaticFlagSource(),
  now: () => new Date(),
} as const satisfies Omit<TestAppOptions, "apiKey" | "users" | "userEvents" | "webhooks"> & { readonly apiKey: null };

/** The real app over fakes: every route, middleware and service is the one that runs in production. */
export function createTestApp(options: TestAppOptions = {}): TestApp {
  const parts = {
    users: createFakeUserRepository(),
    userEvents: createFakeUserEvents(),
    webhooks: createFakeWebhookRepository(),
    ...HARMLESS,
    ...options,
  };
  const { users, probe, apiKey, entries, now } = parts;
  const events: LoggedEvent[] = [];
  const lines: object[] = [];
  const recorder = createLogger({
    level: "debug",
    base: { version_id: "test-version", version_tag: null },
    write: (_, line) => void lines.push(Object(JSON.parse(line))),
  });
  const logger: Logger = {
    log(level, event, fields = {}) {
      events.push({ level, event, fields });
      recorder.log(level, event, fields);
    },
  };
  const hasKeys = apiKey !== null || entries.length > 0;
  const app = createApp({
    logger,
    sampling: new LogSampling(parts.logSampling),
    tracer: parts.tracer,
    tellsTiming: parts.tellsTiming,
    clock: parts.clock,
    versionId: "test-version",
    startDeadline: () => startDeadline(parts.requestTimeoutMs),
    assets: parts.assets,
    flags: createFeatureFlags({ source: parts.flagSource, clock: parts.clock }),
    cursors: createCursorCodec({ secret: "a secret of the tests" }),
    cors: { origins: parts.corsOrigins },
    changes: { requireIfMatch: parts.requireIfMatch },
    guards: createGuards({
      authenticator: createAuthenticator({
        apiKeys: hasKeys ? createApiKeyVerifier({ plainKey: apiKey, entries }) : null,
        tokens: parts.tokens,
      }),
      acceptsTokens: parts.tokens !== null,
      database: parts.database,
      callerLimit: parts.callerLimit,
      callerLimiter: parts.callerLimiter,
      failureLimiter: parts.failureLimiter,
    }),
    userEvents: createUserEventService({ events: parts.userEvents, pollMs: parts.eventStreams.pollMs, pause }),
    eventCursors: createEventCursorCodec({ secret: "a secret of the tests" }),
    eventStreams: parts.eventStreams,
    eventSockets: parts.eventSockets,
    onStreamEnd: (summary) => logStreamEnd(logger, summary),
    users: createUserService({ users, now, newId: uuidv7 }),
    webhooks: createWebhookService({
      webhooks: parts.webhooks,
      urlRules: { allowsLoopback: false },
      now,
      newId: uuidv7,
      newSecret: createWebhookSecret,
    }),
    deliveryCursors: createDeliveryCursorCodec({ secret: "a secret of the tests" }),
    health: createHealthService({ database: probe, expectedMigration: "9999_newest", onFailure: () => {} }),
    probeTimeoutMs: 2_000,
  });
  const templates = new Set(app.operations.routes.map(({ path }) => path).filter((path) => !path.endsWith("*")));
  return {
    async request(path, init) {
      const url = `${ORIGIN}${path}`;
      const response = await app.fetch(new Request(url, init));
      checkLogEvents(lines.splice(0));
      const ignoreContent = response.ok && ASSET_PATHS.test(path) ? "the files are fakes of the test" : null;
      // A stream has no end to wait for; those that have one are checked where it is reached.
      const isStream =
        (response.headers.get("Content-Type") === "text/event-stream" && response.body !== null) ||
        response.status === 101;
      if (!isStream) await responseContract.check({ method: init?.method ?? "GET", url, response }, { ignoreContent });
      return response;
    },
    events,
    templates: [...templates],
  };
}
