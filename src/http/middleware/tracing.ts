import type { MiddlewareHandler } from "hono";

import { continueTrace, formatTraceparent } from "../../observability/trace-context.ts";
import type { AppEnv } from "../context.ts";

/** Continues the caller's trace or starts one, and returns this request's place in it. */
export function tracing(): MiddlewareHandler<AppEnv> {
  return async function tracing(c, next) {
    const trace = continueTrace(c.req.header("traceparent"));
    c.set("trace", trace);
    c.header("traceparent", formatTraceparent(trace));
    await next();
  };
}
