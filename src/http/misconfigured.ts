import { Hono } from "hono";

import { KEEP_ALL, LogSampling } from "../observability/log-sampling.ts";
import { formatTimestamp } from "../observability/timestamp.ts";
import type { AppContext, AppEnv } from "./context.ts";
import { problemResponse } from "./problem.ts";
import { requestLifecycle, type RequestHandler, type RequestLifecycleOptions } from "./request-lifecycle.ts";
import { routingPath } from "./request-path.ts";
import { respondJson } from "./respond.ts";

const ALIVE = ["/health", "/health/live"];
const NOT_READY = ["/ready", "/health/ready"];

export interface MisconfiguredAppOptions extends Pick<
  RequestLifecycleOptions,
  "clock" | "logger" | "startDeadline" | "versionId"
> {
  /** What is wrong, for developers; null where a client must not learn of it. */
  readonly detail: string | null;
}

/** Stands in for the API when its configuration is invalid: alive, never ready, every request refused. */
export function createMisconfiguredApp({ detail, ...options }: MisconfiguredAppOptions): {
  readonly fetch: RequestHandler;
} {
  const app = new Hono<AppEnv>({ getPath: routingPath });
  const answer = (paths: readonly string[], httpStatus: number, status: string, report: object = {}): void => {
    for (const path of paths) {
      app.get(path, (c: AppContext) => {
        c.env.route = path;
        return respondJson(c, httpStatus, { status, timestamp: formatTimestamp(Date.now()), ...report });
      });
    }
  };
  const report = { checks: { configuration: "unhealthy" } };
  answer(ALIVE, 200, "ok");
  answer(NOT_READY, 503, "not_ready", report);
  answer(["/health/startup"], 503, "not_started", report);
  app.notFound((c) => problemResponse(c, "internal-error", detail === null ? {} : { detail }));
  const fixed = { cors: { origins: null }, tellsTiming: false, sampling: new LogSampling(KEEP_ALL) };
  return { fetch: requestLifecycle({ ...options, ...fixed }, app.fetch) };
}
