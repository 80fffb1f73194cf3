import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";

import { describeError, type Logger, type LogLevel } from "../../observability/logger.ts";
import type { AppContext, AppEnv } from "../context.ts";

export interface AccessLogOptions {
  readonly logger: Logger;
  /** Milliseconds. */
  readonly clock: () => number;
}

/** Writes one wide event per request when its answer is known. */
export function accessLog({ logger, clock }: AccessLogOptions): MiddlewareHandler<AppEnv> {
  return async function accessLog(c, next) {
    const startedAt = clock();
    c.set("databaseUsage", { roundTrips: 0, durationMs: 0 });
    try {
      await next();
    } finally {
      logger.log(levelFor(c.res.status), "request", describeRequest(c, clock() - startedAt));
    }
  };
}

function levelFor(status: number): LogLevel {
  if (status >= 500) return "error";
  return status >= 400 ? "warn" : "info";
}

/** Path, query, body and address stay out: they hold personal data. The route template stands for the path. */
function describeRequest(c: AppContext, durationMs: number): Record<string, unknown> {
  const usage = c.get("databaseUsage");
  const { traceId, spanId } = c.get("trace");
  return {
    request_id: c.get("requestId"),
    trace_id: traceId,
    span_id: spanId,
    method: c.req.method,
    route: routeTemplate(c),
    status: c.res.status,
    duration_ms: durationMs,
    db_ms: usage.durationMs,
    db_round_trips: usage.roundTrips,
    caller: c.get("principal")?.id ?? null,
    problem: c.get("problemCode") ?? null,
    token_refusal: c.get("tokenRefusal") ?? null,
    colo: coloOf(c.req.raw),
    user_agent: c.req.header("User-Agent")?.slice(0, MAX_USER_AGENT_LENGTH) ?? null,
    ...(c.error !== undefined && c.res.status >= 500 ? { error: describeError(c.error) } : {}),
  };
}

const MAX_USER_AGENT_LENGTH = 200;

/** The pattern of the route that matched; null for an unknown path, so that scanners add no variety. */
function routeTemplate(c: AppContext): string | null {
  const path = routePath(c, -1);
  return path.endsWith("*") ? null : path;
}

function coloOf(request: Request): string | null {
  const colo = "cf" in request && request.cf instanceof Object && "colo" in request.cf ? request.cf.colo : null;
  return typeof colo === "string" ? colo : null;
}
