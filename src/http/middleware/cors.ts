import type { AppContext } from "../context.ts";
import type { IncomingRequest } from "../request-scope.ts";
import type { HeaderGroup, OwnHeaders } from "../response-headers.ts";

export interface CorsOptions {
  /** Origins whose pages may read responses; `"*"` for all, null for none. */
  readonly origins: readonly string[] | "*" | null;
}

const REQUEST_HEADERS =
  "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-API-Key, X-Request-ID, traceparent";
const RESPONSE_HEADERS =
  "ETag, Idempotent-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-ID, X-Version-Id";

/** Browsers ask again after this time at the latest; Chromium's own limit is two hours. */
const PREFLIGHT_MAX_AGE_SECONDS = 7_200;

/** What every answer to this request says to browsers; null for nothing. */
export type Cors = (request: IncomingRequest) => HeaderGroup | null;

/** Cross-origin access (Fetch standard, section 3.2), closed unless configured. Credentials of browsers are never allowed. */
export function cors({ origins }: CorsOptions): Cors {
  if (origins === null) return () => null;
  const groups = new Map((origins === "*" ? ["*"] : origins).map((origin) => [origin, corsHeaderGroups(origin)]));
  return function cors(request) {
    const origin = request.headers.get("Origin");
    if (origin === null) return null;
    const group = groups.get(origins === "*" ? "*" : origin);
    if (group === undefined) return null;
    return isPreflight(request) ? group.preflight : group.ordinary;
  };
}

function corsHeaderGroups(origin: string): Record<"preflight" | "ordinary", HeaderGroup> {
  const preflight = { "Access-Control-Allow-Origin": origin };
  return { preflight, ordinary: { ...preflight, "Access-Control-Expose-Headers": RESPONSE_HEADERS } };
}

/** Caches must keep the answers for different origins apart. */
export function corsVary({ origins }: CorsOptions): string | null {
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
