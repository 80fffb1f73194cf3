import { describeError, type LogFields, type Logger, type LogLevel } from "../../observability/logger.ts";
import type { RequestScope } from "../request-scope.ts";

export interface AccessLogOptions {
  readonly logger: Logger;
  /** Milliseconds. */
  readonly clock: () => number;
}

/** Told of every answer, with the milliseconds that it took. */
export type AccessLog = (response: Response, scope: RequestScope, durationMs: number) => void;

/** Writes one wide event per request when its answer is known. */
export function accessLog({ logger }: AccessLogOptions): AccessLog {
  return function accessLog({ status }, scope, durationMs) {
    logger.log(levelForStatus(status), "request", describeRequest(status, scope, durationMs));
  };
}

function levelForStatus(status: number): LogLevel {
  if (status >= 500) return "error";
  return status >= 400 ? "warn" : "info";
}

/** Path, query, body and address stay out: they hold personal data. The route template stands for the path. */
function describeRequest(status: number, scope: RequestScope, durationMs: number): LogFields {
  const { headers, trace, databaseUsage, error } = scope;
  const fields: Record<string, unknown> = {
    request_id: scope.requestId,
    trace_id: trace.traceId,
    span_id: trace.spanId,
    method: scope.method,
    route: scope.route,
    status,
    duration_ms: durationMs,
    db_ms: databaseUsage.durationMs,
    db_round_trips: databaseUsage.roundTrips,
    caller: scope.principal?.id ?? null,
    problem: scope.problemCode,
    token_refusal: scope.tokenRefusal,
    colo: parseColo(headers.get("CF-Ray")),
    user_agent: headers.get("User-Agent")?.slice(0, MAX_USER_AGENT_LENGTH) ?? null,
  };
  if (error !== null && status >= 500) fields["error"] = describeError(error);
  return fields;
}

const MAX_USER_AGENT_LENGTH = 200;

/** The data centre, which Cloudflare names at the end of each request's ray; `request.cf` says the same, but is parsed whole. */
function parseColo(ray: string | null): string | null {
  return ray === null ? null : (/-([A-Z]{3})$/.exec(ray)?.[1] ?? null);
}
