import { randomHex } from "./random-hex.ts";
import { readTracestate } from "./trace-state.ts";

/** The identity of one request in a distributed trace (W3C Trace Context, https://www.w3.org/TR/trace-context/). */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits: the span of this request. */
  readonly spanId: string;
  readonly isSampled: boolean;
  /** What other participants say of the trace, in words of their own; null for nothing. */
  readonly tracestate: string | null;
}

/** The headers of a request. */
export interface HeaderReader {
  get(name: string): string | null;
}

/** Version, trace, parent, flags; version ff and all-zero ids are invalid (section 3.2), and only later versions hold more. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?$/;

/** Continues the caller's trace when its `traceparent` is valid; else starts a new one, of which its `tracestate` says nothing. */
export function continueTrace(headers: HeaderReader): TraceContext {
  const traceparent = headers.get("traceparent");
  if (traceparent === null) return startTrace();
  const [, version = "", traceId = "", flags = "", rest] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === "" || (version === "00" && rest !== undefined)) return startTrace();
  const isSampled = (Number.parseInt(flags, 16) & 1) === 1;
  return { traceId, spanId: randomHex(16), isSampled, tracestate: readTracestate(headers.get("tracestate")) };
}

function startTrace(): TraceContext {
  return { traceId: randomHex(32), spanId: randomHex(16), isSampled: false, tracestate: null };
}

export function formatTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
}
