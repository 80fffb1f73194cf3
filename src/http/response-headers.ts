import { formatTraceparent, type TraceContext } from "../observability/trace-context.ts";
import type { ServerTiming, TimedRequest } from "./server-timing.ts";

/** Two years, the least that browsers' preload lists take. */
const HSTS = "max-age=63072000; includeSubDomains";

/** Headers that every response carries; an answer of another kind may replace one by its own. */
const BASE_HEADERS = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Strict-Transport-Security": HSTS,
  "Referrer-Policy": "no-referrer",
};

/**
 * What goes with an entity tag. A proxy that compresses makes a strong tag weak, and `If-Match` takes none of those;
 * Cloudflare leaves alone what may not be transformed (docs/architecture.md).
 */
export const TAGGED_CACHE_CONTROL = "private, no-cache, no-transform";

/**
 * Headers that are the same each time, of one kind of answer or of all answers to some requests. Always a constant: the
 * object itself is what names the group, and is remembered for as long as the isolate lives.
 */
export type HeaderGroup = Readonly<Record<string, string>>;

/** Headers of one answer, beside those of its groups, which it must not name again. */
export type OwnHeaders = readonly (readonly [name: string, value: string])[];

/** The request that is answered. */
export interface ResponseTarget extends TimedRequest {
  readonly requestId: string;
  readonly trace: TraceContext;
  /** Headers that its answer carries, whatever it is. */
  readonly headerGroups: readonly HeaderGroup[];
}

export interface ResponseHeadersOptions {
  /** Version of the Worker, for `X-Version-Id`. */
  readonly versionId: string;
  /** What caches must know besides what a group says; null for nothing. */
  readonly vary: string | null;
  /** Says how long the answer took; null where clients are not told. */
  readonly timing: ServerTiming | null;
}

/** Headers with all of some groups, and the same with one more. */
interface Template {
  readonly headers: Headers;
  readonly extended: Map<HeaderGroup, Template>;
}

/** What is answered. */
export interface Answer {
  readonly status: number;
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream | null;
  readonly kind: HeaderGroup;
  readonly own: OwnHeaders;
}

/**
 * Keeps one `Headers` for each combination of groups and lends it to one response after the other, which copies it. Making
 * the dozen headers anew, or setting them on a response one by one, costs several times as much (docs/performance.md).
 */
export class ResponseHeaders {
  readonly #base: Template;
  readonly #timing: ServerTiming | null;

  constructor({ versionId, vary, timing }: ResponseHeadersOptions) {
    this.#timing = timing;
    const headers = new Headers({ ...BASE_HEADERS, "X-Version-Id": versionId });
    if (vary !== null) headers.set("Vary", vary);
    this.#base = { headers, extended: new Map() };
  }

  /** Makes the response with all its headers. */
  respond(target: ResponseTarget, { status, body, kind, own }: Answer): Response {
    const { requestId, trace, headerGroups } = target;
    let template = withGroup(this.#base, kind);
    for (const group of headerGroups) template = withGroup(template, group);
    const { headers } = template;
    headers.set("X-Request-ID", requestId);
    headers.set("traceparent", formatTraceparent(trace));
    if (this.#timing !== null) headers.set("Server-Timing", this.#timing(target));
    if (trace.tracestate !== null) headers.set("tracestate", trace.tracestate);
    try {
      for (const [name, value] of own) headers.append(name, value);
      return new Response(body, { status, headers });
    } finally {
      for (const [name] of own) restore(headers, name, headerGroups);
      if (trace.tracestate !== null) headers.delete("tracestate");
    }
  }
}

/** A group replaces what every response says, except where headers are lists. */
function withGroup(template: Template, group: HeaderGroup): Template {
  const known = template.extended.get(group);
  if (known !== undefined) return known;
  const headers = new Headers(template.headers);
  for (const [name, value] of Object.entries(group)) {
    if (LIST_HEADERS.has(name)) headers.append(name, value);
    else headers.set(name, value);
  }
  const extended = { headers, extended: new Map() };
  template.extended.set(group, extended);
  return extended;
}

const LIST_HEADERS: ReadonlySet<string> = new Set(["Link", "Vary"]);

/** Takes an answer's own header away; what a group says of it stays. */
function restore(headers: Headers, name: string, groups: readonly HeaderGroup[]): void {
  headers.delete(name);
  if (!LIST_HEADERS.has(name)) return;
  for (const { [name]: value } of groups) if (value !== undefined) headers.append(name, value);
}
