import { KNOWN_METHODS } from "../observability/metrics-batch.ts";
import type { ActiveSpan } from "../observability/tracer.ts";
import type { RequestScope } from "./request-scope.ts";

/** A span is named when it begins, before its route is known; clients may invent methods. */
const SPAN_NAMES: ReadonlyMap<string, string> = new Map(KNOWN_METHODS.map((method) => [method, `request ${method}`]));

export function requestSpanName(method: string): string {
  return SPAN_NAMES.get(method) ?? "request";
}

/**
 * Says in a request's span what it was and what became of it (https://opentelemetry.io/docs/specs/semconv/http/http-spans/).
 * The platform gives traces ids of its own, so ours is an attribute: it leads from the log to the span and back.
 */
export function describeRequestSpan(span: ActiveSpan, scope: RequestScope, status: number): void {
  span.setAttribute("request.id", scope.requestId);
  span.setAttribute("w3c.trace_id", scope.trace.traceId);
  span.setAttribute("http.response.status_code", status);
  if (scope.route !== null) span.setAttribute("http.route", scope.route);
  if (scope.problemCode !== null) span.setAttribute("error.type", scope.problemCode);
}
