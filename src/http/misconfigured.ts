import { OpenAPIHono } from "@hono/zod-openapi";

import type { AppEnv } from "./context.ts";
import { accessLog, type AccessLogOptions } from "./middleware/access-log.ts";
import { requestId } from "./middleware/request-id.ts";
import { responseHeaders } from "./middleware/response-headers.ts";
import { tracing } from "./middleware/tracing.ts";
import { problemResponse } from "./problem.ts";

const NOT_READY = ["/ready", "/health/ready"];

export interface MisconfiguredAppOptions extends AccessLogOptions {
  readonly versionId: string;
}

/** Stands in for the API when its configuration is invalid: alive, never ready, every request refused. */
export function createMisconfiguredApp(options: MisconfiguredAppOptions): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>();
  const timestamp = () => new Date().toISOString();
  const checks = { configuration: "unhealthy" } as const;
  app.use(requestId());
  app.use(tracing());
  app.use(accessLog(options));
  app.use(responseHeaders(options));
  for (const path of ["/health", "/health/live"]) {
    app.get(path, (c) => c.json({ status: "ok", timestamp: timestamp() }));
  }
  for (const path of NOT_READY) {
    app.get(path, (c) => c.json({ status: "not_ready", timestamp: timestamp(), checks }, 503));
  }
  app.get("/health/startup", (c) => c.json({ status: "not_started", timestamp: timestamp(), checks }, 503));
  app.notFound((c) => problemResponse(c, "internal-error"));
  return app;
}
