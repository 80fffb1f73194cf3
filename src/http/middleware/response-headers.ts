import type { MiddlewareHandler } from "hono";

import type { AppEnv } from "../context.ts";

/** Two years, the least that browsers' preload lists take. */
const HSTS = "max-age=63072000; includeSubDomains";

/**
 * Headers that every response carries. They are set before the handler runs, which may replace them:
 * caching is off and no content may load anything unless a handler says otherwise.
 */
export function responseHeaders({ versionId }: { readonly versionId: string }): MiddlewareHandler<AppEnv> {
  return async function responseHeaders(c, next) {
    c.header("X-Version-Id", versionId);
    c.header("Cache-Control", "no-store");
    c.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    c.header("X-Content-Type-Options", "nosniff");
    c.header("Strict-Transport-Security", HSTS);
    c.header("Referrer-Policy", "no-referrer");
    await next();
  };
}
