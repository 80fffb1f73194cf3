import { createApp } from "./app.ts";
import { ConfigError, parseConfig } from "./config.ts";
import { explainConfiguration } from "./configuration-help.ts";
import {
  createDependencies,
  isDevelopment,
  maintenanceContext,
  startRefusalDeadline,
  workerVersion,
  type PlatformBindings,
} from "./dependencies.ts";
import { createMisconfiguredApp } from "./http/misconfigured.ts";
import { createLogger, describeError, writeToConsole } from "./observability/logger.ts";
import type { Background } from "./observability/metrics.ts";

/** The Worker's handlers. */
export interface Worker {
  fetch(request: Request, bindings?: unknown, background?: Background): Response | Promise<Response>;
  scheduled(): Promise<void>;
}

/**
 * Builds everything once per isolate. With an invalid configuration the Worker still answers, so that probes and
 * clients get a clear refusal: the names of the variables go to the log, and only in development to a client. `tracing` is what
 * the runtime calls so, where it has it.
 */
export function startWorker(bindings: PlatformBindings, tracing?: unknown): Worker {
  try {
    const { app, logger, maintenance } = createDependencies(parseConfig({ ...bindings }), bindings, tracing);
    const api = createApp(app);
    return {
      fetch: (request, _bindings, background) => api.fetch(request, background),
      async scheduled() {
        const { idempotencyKeys, userEvents } = await maintenance.sweep(maintenanceContext());
        logger.log("info", "maintenance", {
          removed_idempotency_keys: idempotencyKeys,
          removed_user_events: userEvents,
        });
      },
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return refuse(error, bindings);
  }
}

function refuse(error: ConfigError, bindings: PlatformBindings): Worker {
  const version = workerVersion(bindings);
  const logger = createLogger({ level: "error", base: version });
  logger.log("error", "invalid_configuration", { error: describeError(error) });
  const help = isDevelopment(bindings) ? explainConfiguration(error.findings) : null;
  if (help !== null) writeToConsole("warn", help.words);
  const app = createMisconfiguredApp({
    detail: help?.detail ?? null,
    versionId: version.version_id,
    logger,
    clock: Date.now,
    startDeadline: startRefusalDeadline,
  });
  return { fetch: (request) => app.fetch(request), scheduled: () => Promise.reject(error) };
}
