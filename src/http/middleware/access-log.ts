import type { LogSampling } from "../../observability/log-sampling.ts";
import { describeError, type LogFields, type Logger, type LogLevel } from "../../observability/logger.ts";
import type { RequestScope } from "../request-scope.ts";

export interface AccessLogOptions {
  readonly logger: Logger;
  readonly sampling: LogSampling;
}

/** What is left of an answer when it is given. */
export interface Outcome {
  readonly status: number;
  /** Milliseconds that it took. */
  readonly durationMs: number;
}

/** Told of every answer; says whether it is in the log. */
export type AccessLog = (scope: RequestScope, outcome: Outcome) => boolean;

/** Writes one wide event per request when its answer is known, unless sampling leaves it out. */
export function accessLog({ logger, sampling }: AccessLogOptions): AccessLog {
  return function accessLog(scope, outcome) {
    const sampleRate = sampling.rateOf(scope.trace.traceId, outcome.status, outcome.durationMs);
    if (sampleRate === 0) return false;
    logger.log(levelForStatus(outcome.status), "request", describeRequest(scope, outcome, sampleRate));
    return true;
  };
}

function levelForStatus(status: number): LogLevel {
  if (status >= 500) return "error";
  return status >= 400 ? "warn" : "info";
}

/** Path, query, body and address stay out: they hold personal data. The route template stands for the path. */
function describeRequest(scope: RequestScope, { status, durationMs }: Outcome, sampleRate: number): LogFields {
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
    sample_rate: sampleRate,
  };
  if (scope.flags !== null) fields["flags"] = scope.flags;
  if (error !== null && status >= 500) fields["error"] = describeError(error);
  return fields;
}

const MAX_USER_AGENT_LENGTH = 200;

/** The data centre, which Cloudflare names at the end of each request's ray; `request.cf` says the same, but is parsed whole. */
function parseColo(ray: string | null): string | null {
  return ray === null ? null : (/-([A-Z]{3})$/.exec(ray)?.[1] ?? null);
}
