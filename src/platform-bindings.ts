import type { FlagNamespace } from "./flags/create-flag-source.ts";
import type { EventsService } from "./models/webhook.ts";
import type { MetricsSink } from "./observability/metrics-batch.ts";

/** The bindings of `wrangler.toml` that the Worker uses, whatever the environment. */
export interface PlatformBindings {
  readonly ASSETS: Fetcher;
  readonly CALLER_RATE_LIMITER: RateLimit;
  readonly AUTH_FAILURE_RATE_LIMITER: RateLimit;
  readonly CF_VERSION_METADATA: WorkerVersionMetadata;
  readonly ENVIRONMENT?: string;
  /** Where the flag file is; without it all flags have their defaults. */
  readonly FLAGS?: FlagNamespace;
  /** The telemetry Worker; without it nothing is measured (docs/observability.md). */
  readonly TELEMETRY?: MetricsSink;
  /** The events Worker; without it webhooks are sent when its cron trigger runs, once a minute, and the feed has no WebSockets (docs/events.md). */
  readonly EVENTS?: EventsService & Pick<Fetcher, "fetch">;
}

/** Whether this is a developer's machine, so that whoever asks may be told more; known even when the configuration is invalid. */
export function isDevelopment({ ENVIRONMENT }: PlatformBindings): boolean {
  return ENVIRONMENT === undefined || ENVIRONMENT === "" || ENVIRONMENT === "development";
}

/** Which version of the Worker this is, as fields of the log. Known even when the configuration is invalid. */
export function workerVersion(bindings: PlatformBindings): {
  readonly version_id: string;
  readonly version_tag: string | null;
} {
  if (isDevelopment(bindings)) return { version_id: "local", version_tag: null };
  const { id, tag } = bindings.CF_VERSION_METADATA;
  return { version_id: id, version_tag: tag };
}
