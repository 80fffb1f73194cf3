import type { MiddlewareHandler } from "hono";

import type { AppContext, AppEnv } from "../context.ts";

export interface CorsOptions {
  /** Origins whose pages may read responses; `"*"` for all, null for none. */
  readonly origins: readonly string[] | "*" | null;
}

const REQUEST_HEADERS =
  "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-API-Key, X-Request-ID, traceparent";
const RESPONSE_HEADERS =
  "ETag, Idempotent-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-ID, X-Version-Id";

/** Browsers ask again after this time at the latest; Chromium's own limit is two hours. */
const PREFLIGHT_MAX_AGE_SECONDS = 7_200;

/** Cross-origin access (Fetch standard, section 3.2), closed unless configured. Credentials of browsers are never allowed. */
export function cors({ origins }: CorsOptions): MiddlewareHandler<AppEnv> {
  return async function cors(c, next) {
    if (origins === null) return await next();
    if (origins !== "*") c.header("Vary", "Origin", { append: true });
    const origin = c.req.header("Origin");
    const isAllowed = origin !== undefined && (origins === "*" || origins.includes(origin));
    if (!isAllowed) return await next();
    c.header("Access-Control-Allow-Origin", origins === "*" ? "*" : origin);
    if (!isPreflight(c)) c.header("Access-Control-Expose-Headers", RESPONSE_HEADERS);
    await next();
    if (isPreflight(c) && c.res.status === 204) allowPreflight(c.res.headers);
  };
}

function isPreflight(c: AppContext): boolean {
  return c.req.method === "OPTIONS" && c.req.header("Access-Control-Request-Method") !== undefined;
}

/** The methods are those of the path, which the answer to OPTIONS already names. */
function allowPreflight(headers: Headers): void {
  headers.set("Access-Control-Allow-Methods", headers.get("Allow") ?? "");
  headers.set("Access-Control-Allow-Headers", REQUEST_HEADERS);
  headers.set("Access-Control-Max-Age", String(PREFLIGHT_MAX_AGE_SECONDS));
}
