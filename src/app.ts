import { OpenAPIHono } from "@hono/zod-openapi";

import type { AppOptions } from "./http/app-options.ts";
import type { AppEnv } from "./http/context.ts";
import { registerDocs } from "./http/docs.ts";
import { registerHealth } from "./http/health.ts";
import { registerMethodFallback } from "./http/method-fallback.ts";
import { accessLog } from "./http/middleware/access-log.ts";
import { cors } from "./http/middleware/cors.ts";
import { requestId } from "./http/middleware/request-id.ts";
import { requestScope } from "./http/middleware/request-scope.ts";
import { responseHeaders } from "./http/middleware/response-headers.ts";
import { tracing } from "./http/middleware/tracing.ts";
import { discardUnreadBody } from "./http/middleware/unread-body.ts";
import { registerProblemPages } from "./http/problem-pages.ts";
import { handleError, handleNotFound } from "./http/problem.ts";
import { registerRoot } from "./http/root.ts";
import { userRoutes } from "./http/users/index.ts";
import { rejectInvalid } from "./http/validation.ts";

/** The whole API on one page: what every request passes through, in order, then every route. */
export function createApp(options: AppOptions): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: rejectInvalid });
  app.onError(handleError);
  app.notFound(handleNotFound);

  app.use(requestId());
  app.use(tracing());
  app.use(accessLog(options));
  app.use(responseHeaders(options));
  app.use(cors(options.cors));
  app.use(requestScope(options));
  app.use(discardUnreadBody());

  registerRoot(app);
  registerHealth(app);
  registerDocs(app, options.assets);
  registerProblemPages(app);
  app.route("/api/v1/users", userRoutes(options));

  registerMethodFallback(app);
  return app;
}
