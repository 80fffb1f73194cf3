/** What a span may say of its work. Names are those of OpenTelemetry's semantic conventions where it has one. */
export type SpanAttribute = string | number | boolean;

/** A span that is open. */
export interface ActiveSpan {
  setAttribute(name: string, value: SpanAttribute): unknown;
}

/** Writes down which work ran within which, and how long. Where nobody wants that there is none: null, which costs a comparison. */
export interface Tracer {
  /** Runs work in a span, which ends with it, or with the promise that it returns. Spans that it opens meanwhile are within this one. */
  span<Result>(name: string, work: (span: ActiveSpan) => Result): Result;
}

/**
 * The platform's own spans: `tracing` of `cloudflare:workers`, since June 2026 and without a compatibility flag
 * (https://developers.cloudflare.com/workers/observability/traces/custom-spans/). No more of it is used than it had then.
 */
interface PlatformTracing {
  enterSpan<Result>(name: string, work: (span: ActiveSpan) => Result): Result;
}

/** A tracer over what the runtime offers; null where it offers nothing that we know. */
export function createPlatformTracer(tracing: unknown): Tracer | null {
  return isPlatformTracing(tracing) ? { span: (name, work) => tracing.enterSpan(name, work) } : null;
}

function isPlatformTracing(tracing: unknown): tracing is PlatformTracing {
  return (
    typeof tracing === "object" && tracing !== null && "enterSpan" in tracing && typeof tracing.enterSpan === "function"
  );
}
