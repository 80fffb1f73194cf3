import { OpenAPIHono } from "@hono/zod-openapi";

import type { AppOptions } from "./http/app-options.ts";
import type { AppEnv } from "./http/context.ts";
import { registerDocs } from "./http/docs.ts";
import { registerHealth } from "./http/health.ts";
import { createMethodFallback } from "./http/method-fallback.ts";
import { registerProblemPages } from "./http/problem-pages.ts";
import { handleError } from "./http/problem.ts";
import { requestLifecycle, type RequestHandler } from "./http/request-lifecycle.ts";
import { routingPath } from "./http/request-path.ts";
import { registerRoot } from "./http/root.ts";
import { registerUsers } from "./http/users/index.ts";

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
  registerDocs(operations, options.assets);
  registerProblemPages(operations);
  registerUsers(operations, options);

  operations.notFound(createMethodFallback(operations));
  return { operations, fetch: requestLifecycle(options, operations.fetch) };
}
