import { OpenAPIHono } from "@hono/zod-openapi";

import type { FeatureFlags } from "./flags/feature-flags.ts";
import type { AppEnv, AssetFetcher } from "./http/context.ts";
import { registerDocs } from "./http/docs.ts";
import { registerFlagHealth } from "./http/health-flags.ts";
import { registerHealth, type HealthOptions } from "./http/health.ts";
import { createMethodFallback } from "./http/method-fallback.ts";
import { registerProblemPages } from "./http/problem-pages.ts";
import { handleError } from "./http/problem.ts";
import { requestLifecycle, type RequestHandler, type RequestLifecycleOptions } from "./http/request-lifecycle.ts";
import { routingPath } from "./http/request-path.ts";
import { registerRoot } from "./http/root.ts";
import { registerListUserEvents } from "./http/user-events/list-user-events.ts";
import type { UserEventRoutesOptions } from "./http/user-events/options.ts";
import { registerUsers } from "./http/users/index.ts";
import type { UserRoutesOptions } from "./http/users/options.ts";
import { registerWebhooks } from "./http/webhooks/index.ts";
import type { WebhookRoutesOptions } from "./http/webhooks/options.ts";

/** Everything the app is made of; `dependencies.ts` gives the real parts, tests give fakes. */
export interface AppOptions
  extends RequestLifecycleOptions, HealthOptions, UserRoutesOptions, UserEventRoutesOptions, WebhookRoutesOptions {
  readonly assets: AssetFetcher;
  readonly flags: FeatureFlags;
}

/** The API: what answers requests, and its operations, for whoever describes them. */
export interface App {
  readonly fetch: RequestHandler;
  readonly operations: OpenAPIHono<AppEnv>;
}

/** The whole API on one page: every operation, and around them what every request passes through. */
export function createApp(options: AppOptions): App {
  const operations = new OpenAPIHono<AppEnv>({ getPath: routingPath });
  operations.onError(handleError);

  registerRoot(operations);
  registerHealth(operations, options);
  registerFlagHealth(operations, options);
  registerDocs(operations, options.assets);
  registerProblemPages(operations);
  registerUsers(operations, options);
  registerListUserEvents(operations, options);
  registerWebhooks(operations, options);

  operations.notFound(createMethodFallback(operations));
  return { operations, fetch: requestLifecycle(options, operations.fetch) };
}
