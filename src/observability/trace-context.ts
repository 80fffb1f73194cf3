/** The identity of one request in a distributed trace (W3C Trace Context, https://www.w3.org/TR/trace-context/). */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits: the span of this request. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ALL_ZERO = /^0+$/;

/** Continues the caller's trace when its `traceparent` is valid, else starts a new one. */
export function continueTrace(traceparent: string | undefined): TraceContext {
  const spanId = randomHex(8);
  const parts = TRACEPARENT.exec(traceparent ?? "");
  const [, version, traceId, parentId, flags, rest] = parts ?? [];
  if (version === undefined || traceId === undefined || parentId === undefined || flags === undefined) {
    return { traceId: randomHex(16), spanId, isSampled: false };
  }
  const isInvalid =
    version === "ff" || (version === "00" && rest !== undefined) || ALL_ZERO.test(traceId) || ALL_ZERO.test(parentId);
  if (isInvalid) return { traceId: randomHex(16), spanId, isSampled: false };
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
}

function randomHex(bytes: number): string {
  let hex = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(bytes))) hex += byte.toString(16).padStart(2, "0");
  return hex;
}
