import { createApp } from "./app.ts";
import { ConfigError, parseConfig } from "./config.ts";
import { explainConfiguration } from "./configuration-help.ts";
import { createDependencies, maintenanceContext, startRefusalDeadline } from "./dependencies.ts";
import { createMisconfiguredApp } from "./http/misconfigured.ts";
import { createLogger, describeError, writeToConsole } from "./observability/logger.ts";
import type { Background } from "./observability/metrics.ts";
import { isDevelopment, type PlatformBindings, workerVersion } from "./platform-bindings.ts";
import { type Bindings, listStoredSecrets, readStoredSecrets } from "./stored-secrets.ts";

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
  const variables: Bindings = { ...bindings };
  return listStoredSecrets(variables).length === 0
    ? build(variables, bindings, tracing)
    : startWithStoredSecrets(variables, bindings, tracing);
}

/** After a Secrets Store could not be read, requests are refused for as long without another attempt. */
const SECRETS_RETRY_MS = 1_000;

/** Builds at the first request: a stored secret cannot be read before. Once read, it stays for as long as the isolate lives. */
function startWithStoredSecrets(variables: Bindings, bindings: PlatformBindings, tracing: unknown): Worker {
  let worker: Worker | null = null;
  let refusal: { readonly worker: Worker; readonly until: number } | null = null;
  const start = async (): Promise<Worker> => {
    if (refusal !== null && Date.now() < refusal.until) return refusal.worker;
    try {
      const deadline = startRefusalDeadline();
      const complete = await readStoredSecrets(variables, (work) => deadline.race(work));
      // Another request may have been faster, and two of them must not have a database each.
      return (worker ??= build(complete, bindings, tracing));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      refusal = { worker: refuse(error, bindings), until: Date.now() + SECRETS_RETRY_MS };
      return refusal.worker;
    }
  };
  return {
    fetch: (request, env, background) =>
      worker === null
        ? start().then((started) => started.fetch(request, env, background))
        : worker.fetch(request, env, background),
    scheduled: async () => await (worker ?? (await start())).scheduled(),
  };
}

function build(variables: Bindings, bindings: PlatformBindings, tracing: unknown): Worker {
  try {
    const { app, logger, maintenance } = createDependencies(parseConfig(variables), bindings, tracing);
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
