import type { LogSampling } from "../../../src/observability/log-sampling.ts";
import { describeError, type LogFields, type Logger, type LogLevel } from "../../../src/observability/logger.ts";
import type { Call } from "../call.ts";
import type { AnswerCode } from "./answer-code.ts";

export interface AccessLogOptions {
  readonly logger: Logger;
  readonly sampling: LogSampling;
}

/** What is known of a request when it is answered. */
export interface Outcome {
  readonly request: Request;
  /** Path of the method; null for none, so that scanners add no variety to the log. */
  readonly route: string | null;
  readonly status: number;
  readonly answer: AnswerCode | null;
  /** Milliseconds that it took. */
  readonly durationMs: number;
}

export type AccessLog = (call: Call, outcome: Outcome) => void;

/** Writes one wide event per request when its answer is known, unless sampling leaves it out. */
export function accessLog({ logger, sampling }: AccessLogOptions): AccessLog {
  return (call, outcome) => {
    const level = levelOf(outcome, call);
    const sampleRate = sampling.rateOf(call.trace.traceId, STATUS_OF_LEVEL[level], outcome.durationMs);
    if (sampleRate > 0) logger.log(level, "rpc_request", describe(call, outcome, sampleRate));
  };
}

type OutcomeLevel = Exclude<LogLevel, "debug">;

/** What sampling goes by: gRPC-Web tells its failures with status 200. */
const STATUS_OF_LEVEL: Readonly<Record<OutcomeLevel, number>> = { info: 200, warn: 400, error: 500 };

/** Codes that are no fault of the caller. */
const FAILURES: ReadonlySet<string> = new Set(["unknown", "deadline_exceeded", "internal", "unavailable", "data_loss"]);

/** A message that cannot be read is `internal` in Connect's words, and the caller's fault all the same: nothing was called for it. */
function levelOf({ status, answer }: Outcome, { error, problem, apiMs }: Call): OutcomeLevel {
  if (answer === null) return status >= 500 ? "error" : status >= 400 ? "warn" : "info";
  if (answer.code === "ok") return "info";
  const wasServed = error !== null || problem !== null || apiMs > 0;
  return FAILURES.has(answer.code) && wasServed ? "error" : "warn";
}

/** Path, query, message and address stay out: they hold personal data. */
function describe(call: Call, { request, route, status, answer, durationMs }: Outcome, sampleRate: number): LogFields {
  const { headers, method } = request;
  const fields: Record<string, unknown> = {
    request_id: call.requestId,
    trace_id: call.trace.traceId,
    span_id: call.trace.spanId,
    method,
    route,
    status,
    protocol: answer?.protocol ?? null,
    code: answer?.code ?? null,
    problem: call.problem,
    duration_ms: durationMs,
    api_ms: call.apiMs,
    colo: parseColo(headers.get("CF-Ray")),
    user_agent: headers.get("User-Agent")?.slice(0, MAX_USER_AGENT_LENGTH) ?? null,
    sample_rate: sampleRate,
  };
  if (call.error !== null) fields["error"] = describeError(call.error);
  return fields;
}

const MAX_USER_AGENT_LENGTH = 200;

/** The data centre, which Cloudflare names at the end of each request's ray. */
function parseColo(ray: string | null): string | null {
  return ray === null ? null : (/-([A-Z]{3})$/.exec(ray)?.[1] ?? null);
}
