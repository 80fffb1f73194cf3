import { randomHex } from "./random-hex.ts";

/** The identity of one request in a distributed trace (W3C Trace Context, https://www.w3.org/TR/trace-context/). */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits: the span of this request. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** Version, trace, parent, flags; version ff and all-zero ids are invalid (section 3.2), and only later versions hold more. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?$/;

/** Continues the caller's trace when its `traceparent` is valid, else starts a new one. */
export function continueTrace(traceparent: string | null): TraceContext {
  if (traceparent === null) return { traceId: randomHex(32), spanId: randomHex(16), isSampled: false };
  const [, version = "", traceId = "", flags = "", rest] = TRACEPARENT.exec(traceparent) ?? [];
  const isValid = traceId !== "" && (version !== "00" || rest === undefined);
  const isSampled = isValid && (Number.parseInt(flags, 16) & 1) === 1;
  return { traceId: isValid ? traceId : randomHex(32), spanId: randomHex(16), isSampled };
}

export function formatTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
}
