import { LogSampling } from "../../src/observability/log-sampling.ts";
import { createLogger } from "../../src/observability/logger.ts";
import type { ApiFetcher } from "./api/users-api.ts";
import { parseConfig, type RpcVariables } from "./config.ts";
import { createServer, type Server } from "./http/server.ts";

/** Bindings of `wrangler.toml`. */
export interface RpcBindings extends RpcVariables {
  readonly USERS_API: ApiFetcher;
  /** The version that answers; absent outside of the network. */
  readonly CF_VERSION_METADATA?: { readonly id: string; readonly tag: string };
}

/**
 * Builds everything once per isolate.
 * @throws RpcConfigError, at which the platform refuses the version: there is nothing here that only a deployed Worker could know
 */
export function startWorker(bindings: RpcBindings): { readonly fetch: Server } {
  const config = parseConfig(bindings);
  const version = versionOf(bindings, config.isDevelopment);
  const fetch = createServer({
    api: bindings.USERS_API,
    origins: config.corsOrigins,
    logger: createLogger({ level: config.logLevel, base: version }),
    sampling: new LogSampling(config.logSampling),
    versionId: version.version_id,
    clock: Date.now,
  });
  return { fetch: (request) => fetch(request) };
}

function versionOf({ CF_VERSION_METADATA: version }: RpcBindings, isDevelopment: boolean) {
  if (isDevelopment || version === undefined) return { version_id: "local", version_tag: null };
  return { version_id: version.id, version_tag: version.tag };
}
