import type { AppContext } from "../context.ts";
import type { IncomingRequest } from "../request-scope.ts";
import type { HeaderGroup, OwnHeaders } from "../response-headers.ts";

export interface CorsOptions {
  /** Origins whose pages may read responses; `"*"` for all, null for none. */
  readonly origins: readonly string[] | "*" | null;
  /** Whether answers have `Server-Timing`, so that the pages that may read answers may read it too. */
  readonly exposesTiming: boolean;
}

const REQUEST_HEADERS =
  "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-API-Key, X-Request-ID, traceparent, tracestate";
const RESPONSE_HEADERS =
  "ETag, Idempotent-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-ID, X-Version-Id";

/** Browsers ask again after this time at the latest; Chromium's own limit is two hours. */
const PREFLIGHT_MAX_AGE_SECONDS = 7_200;

/** What every answer to this request says to browsers; null for nothing. */
export type Cors = (request: IncomingRequest) => HeaderGroup | null;

/** Cross-origin access (Fetch standard, section 3.2), closed unless configured. Credentials of browsers are never allowed. */
export function cors({ origins, exposesTiming }: CorsOptions): Cors {
  if (origins === null) return () => null;
  const groups = new Map(
    (origins === "*" ? ["*"] : origins).map((origin) => [origin, corsHeaderGroups(origin, exposesTiming)]),
  );
  return function cors(request) {
    const origin = request.headers.get("Origin");
    if (origin === null) return null;
    const group = groups.get(origins === "*" ? "*" : origin);
    if (group === undefined) return null;
    return isPreflight(request) ? group.preflight : group.ordinary;
  };
}

/** A script reads `Server-Timing` as a header (Fetch standard), or with the durations of its request (Resource Timing, section 4.5.1). */
function corsHeaderGroups(origin: string, exposesTiming: boolean): Record<"preflight" | "ordinary", HeaderGroup> {
  const preflight = { "Access-Control-Allow-Origin": origin };
  const readable = { ...preflight, "Access-Control-Expose-Headers": RESPONSE_HEADERS };
  if (!exposesTiming) return { preflight, ordinary: readable };
  const exposed = `${RESPONSE_HEADERS}, Server-Timing`;
  return {
    preflight,
    ordinary: { ...readable, "Access-Control-Expose-Headers": exposed, "Timing-Allow-Origin": origin },
  };
}

/** Caches must keep the answers for different origins apart. */
export function corsVary({ origins }: Pick<CorsOptions, "origins">): string | null {
  return origins === null || origins === "*" ? null : "Origin";
}

/** What the answer to a preflight adds: the methods are those of the path. */
export function allowPreflight({ env }: AppContext, allow: string): OwnHeaders {
  const isAllowed = env.headerGroups.some((group) => "Access-Control-Allow-Origin" in group);
  if (!isAllowed || !isPreflight(env)) return [];
  return [
    ["Access-Control-Allow-Methods", allow],
    ["Access-Control-Allow-Headers", REQUEST_HEADERS],
    ["Access-Control-Max-Age", String(PREFLIGHT_MAX_AGE_SECONDS)],
  ];
}

function isPreflight({ method, headers }: IncomingRequest): boolean {
  return method === "OPTIONS" && headers.has("Access-Control-Request-Method");
}
