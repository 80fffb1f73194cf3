import { formatTraceparent } from "../../../src/observability/trace-context.ts";
import type { Call } from "../call.ts";

/** Of a caller's headers the API gets those that say who calls. */
const PASSED_ON = ["Authorization", "X-API-Key", "User-Agent", "CF-Connecting-IP", "CF-Ray"] as const;

/** Of the API's headers the caller gets those that its client should act upon; a link would lead to the REST API. */
const PASSED_BACK = [
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  "WWW-Authenticate",
  "Deprecation",
  "Sunset",
] as const;

/** What the API is sent beside the operation: the caller, the request's id, and the trace, with our span as the parent. */
export function toRequestHeaders(from: Headers, { requestId, trace }: Call): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { "X-Request-ID": requestId, traceparent: formatTraceparent(trace) };
  if (trace.tracestate !== null) headers["tracestate"] = trace.tracestate;
  for (const name of PASSED_ON) {
    const value = from.get(name);
    if (value !== null) headers[name] = value;
  }
  return headers;
}

export function copyAnswerHeaders(from: Headers, to: Headers): void {
  for (const name of PASSED_BACK) {
    const value = from.get(name);
    if (value !== null) to.set(name, value);
  }
}
